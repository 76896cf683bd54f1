//! Junk at every route: never a fault of ours.
