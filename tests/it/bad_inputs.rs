//! Bad inputs, each with its clear answer, and nothing written.
