//! Who may do what: every operation of the contract, for everybody.
