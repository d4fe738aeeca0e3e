//! What the request path costs. Each bench names what it measures and against what.
