//! The contract: what the document says is what the routers do.
