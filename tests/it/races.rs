//! Races, in the order that is worst.
