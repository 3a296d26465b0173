//! What Graph says, as partial structures: every field may be missing, enumerations are texts, and what is not known is
//! passed over. One file for each family of resources.
