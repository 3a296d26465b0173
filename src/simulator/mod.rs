//! An Exchange server in this process.
