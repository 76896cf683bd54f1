//! Nothing that somebody wrote is where it does not belong.
