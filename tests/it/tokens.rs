//! Tokens that are not good enough.
