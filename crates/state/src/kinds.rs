//! The domain's types that are kept as records, and what each is called in the database.
//!
//! The one rule: a kind is a name on disk. It is never changed and never given to another type.

macro_rules! records {
    ($($type:ty = $kind:literal),* $(,)?) => {
        /// Every kind of record that the domain's types use.
        pub const KINDS: &[&str] = &[$($kind),*];

        $(impl crate::Record for $type {
            const KIND: &'static str = $kind;
        })*
    };
}

records! {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn no_two_types_share_a_kind() {
        assert_eq!(super::KINDS.iter().collect::<BTreeSet<_>>().len(), super::KINDS.len());
    }
}
