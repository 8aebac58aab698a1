//! Everything that a stranger, or a client that means harm, can send, one module per entry.
//!
//! Each has a `body`, which takes any bytes and must not panic, and a `corpus` of good input to start from. The fuzz
//! targets in `crates/sfu/fuzz` call the same bodies under libFuzzer; here each one gets some rounds of seeded mutants,
//! so that no entry is forgotten and every failure comes again. `SWITCHBOARD_FUZZ_ROUNDS` multiplies the rounds.

pub mod call;
pub mod counter;
pub mod datagram;
pub mod feedback;
pub mod fragment;
pub mod offer;
pub mod payload;
pub mod sealed;

#[cfg(test)]
mod rounds {
    use super::*;
    use crate::client::tamper::Sealed;
    use crate::link::Dice;

    fn mutant(dice: &mut Dice, corpus: &[Vec<u8>]) -> Vec<u8> {
        let pick = |dice: &mut Dice| corpus[dice.below(corpus.len() as u64) as usize].clone();
        let mut bytes = pick(dice);
        for _ in 0..dice.below(5) {
            let at = dice.below(bytes.len() as u64 + 1) as usize;
            match dice.below(7) {
                0 => bytes.truncate(at),
                1 => bytes.insert(at, dice.next() as u8),
                2 => {
                    let other = pick(dice);
                    let from = dice.below(other.len() as u64 + 1) as usize;
                    bytes.splice(at.., other[from..].iter().copied());
                }
                3 => {
                    let copied = bytes[at..].to_vec();
                    bytes.extend(copied);
                }
                4 => {
                    let edges = [0, 1, 0x7f, 0x80, 0xff, b'\n', b' '];
                    let edge = edges[dice.below(edges.len() as u64) as usize];
                    bytes.iter_mut().skip(at).take(1 + dice.below(4) as usize).for_each(|byte| *byte = edge);
                }
                _ => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = dice.next() as u8),
            }
        }
        bytes.truncate(4_096);
        bytes
    }

    fn drive(rounds: u64, corpus: &[Vec<u8>], mut body: impl FnMut(&[u8])) {
        let times = std::env::var("SWITCHBOARD_FUZZ_ROUNDS").ok().and_then(|times| times.parse().ok()).unwrap_or(1);
        corpus.iter().for_each(|good| body(good));
        body(&[]);
        let mut dice = Dice::new(rounds);
        for _ in 0..rounds * times {
            body(&mutant(&mut dice, corpus));
        }
    }

    #[test]
    fn offers() {
        drive(100, &offer::corpus(), offer::body);
    }

    #[test]
    fn answers() {
        drive(100, &counter::corpus(), counter::body);
    }

    #[test]
    fn fragments() {
        drive(5_000, &fragment::corpus(), fragment::body);
    }

    #[test]
    fn payloads() {
        drive(20_000, &payload::corpus(), payload::body);
    }

    #[test]
    fn reports_of_what_arrived() {
        drive(5_000, &feedback::corpus(), feedback::body);
    }

    #[test]
    fn datagrams() {
        for (kind, rounds) in [
            (datagram::Kind::Stun, 1_000),
            (datagram::Kind::Dtls, 1_000),
            (datagram::Kind::Rtp, 1_000),
            (datagram::Kind::Rtcp, 1_000),
        ] {
            drive(rounds, &datagram::corpus(kind), |input| datagram::body(kind, input));
        }
    }

    #[test]
    fn what_clients_seal() {
        for (what, rounds) in [(Sealed::Rtp, 100), (Sealed::Rtcp, 100)] {
            drive(rounds, &sealed::corpus(what), |input| sealed::body(what, input));
        }
    }
}
