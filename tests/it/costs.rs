//! What operations cost: trips, and read and write units.
