//! Prompts: recorded sounds that flows play. On a chat they are silent.

use serde::{Deserialize, Serialize};

use super::{Heads, resource};
use crate::instance::Head;

/// A prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// Id, name and the like.
    pub head: Head,
}

resource!(Prompt is Prompt);

const NAMES: [&str; 7] = [
    "Beep.wav",
    "CustomerHold.wav",
    "CustomerQueue.wav",
    "Music_Jazz_MyTimetoFly_Inst.wav",
    "Music_Pop_ThisAndThatIsLife_Inst.wav",
    "Music_Pop_ThrowYourselfInFrontOfIt_Inst.wav",
    "Music_Rock_EverywhereTheSunShines_Inst.wav",
];

pub(super) fn first_ones(heads: &mut Heads<'_>) -> Vec<Prompt> {
    NAMES.iter().map(|name| Prompt { head: heads.next(name) }).collect()
}
