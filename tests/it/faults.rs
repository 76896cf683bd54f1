//! What happens when the table fails, in every way it can.
