//! What a snapshot has answered already, so that asking again costs no query and no parsing.
//!
//! The one rule: a snapshot does not change, so neither do its answers. They are kept beside it and go with it: the
//! memo is emptied when its transaction ends, and a transaction that writes keeps none. Between two writes, however
//! far apart they are, a record is read once on each connection (a third of a request's own work before, seen in a
//! profile of DescribeInstance).

use std::{any::Any, collections::HashMap};

/// Answers kept at most; one more, and all are forgotten.
const MOST: usize = 128;

/// Answers by what was asked.
#[derive(Default)]
pub(crate) struct Memo {
    answers: HashMap<Box<[u8]>, Box<dyn Any + Send>>,
    /// The last question, as a key. Kept so that finding an answer allocates nothing.
    key: Vec<u8>,
}

impl Memo {
    /// The answer to this question, if it was kept.
    pub(crate) fn recall<T: Clone + 'static>(&mut self, question: [&str; 3]) -> Option<T> {
        self.key.clear();
        for part in question {
            self.key.extend_from_slice(&part.len().to_le_bytes());
            self.key.extend_from_slice(part.as_bytes());
        }
        self.answers.get(self.key.as_slice())?.downcast_ref::<T>().cloned()
    }

    /// Keeps the answer to the question that was asked last.
    pub(crate) fn keep<T: Clone + Send + 'static>(&mut self, answer: &T) {
        if self.answers.len() >= MOST {
            self.answers.clear();
        }
        self.answers.insert(self.key.as_slice().into(), Box::new(answer.clone()));
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.answers.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, Memo};

    #[test]
    fn what_was_kept_is_recalled_by_all_of_the_question() {
        let mut memo = Memo::default();
        assert_eq!(memo.recall::<u8>(["a", "b", "c"]), None);
        memo.keep(&7_u8);
        assert_eq!(memo.recall(["a", "b", "c"]), Some(7_u8));
        assert_eq!(memo.recall::<u8>(["ab", "", "c"]), None);
        assert_eq!(memo.recall::<u16>(["a", "b", "c"]), None);
        memo.clear();
        assert_eq!(memo.recall::<u8>(["a", "b", "c"]), None);
    }

    #[test]
    fn it_does_not_grow_without_end() {
        let mut memo = Memo::default();
        for number in 0..10 * MOST {
            let id = number.to_string();
            assert_eq!(memo.recall::<usize>(["kind", "scope", &id]), None);
            memo.keep(&number);
            assert!(memo.answers.len() <= MOST);
        }
    }
}
