//! Tokens: `any_token`.
#![cfg_attr(feature = "libfuzzer", no_main)]

use switchboard_sfu_fuzz::{any_token, target};

target!(|input| any_token::body(input), vec![]);
