//! Tokens of any kind: read or refused, never a panic. `crates/sfu/fuzz` runs the same body under libFuzzer.

use switchboard_wire::jwt::{Jwt, PublicKey};

/// A token, or the PEM of a key.
pub fn body(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let _ = Jwt::read(text);
    let _ = PublicKey::from_pem(text);
    let _ = PublicKey::der(text);
}

#[cfg(test)]
mod rounds {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

    use super::body;

    /// Numbers that look random and come again (SplitMix64).
    fn dice(state: &mut u64, limit: usize) -> usize {
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = *state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % limit.max(1) as u64) as usize
    }

    fn mutant(state: &mut u64, good: &[u8]) -> Vec<u8> {
        let mut bytes = good.to_vec();
        for _ in 0..=dice(state, 3) {
            let at = dice(state, bytes.len() + 1);
            match dice(state, 4) {
                0 => bytes.truncate(at),
                1 => bytes.insert(at, b".\"{}[],:-=\\\n\x80"[dice(state, 13)]),
                2 => bytes.extend_from_within(at..),
                _ => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = dice(state, 256) as u8),
            }
        }
        bytes
    }

    #[test]
    fn any_bytes() {
        let header = br#"{"alg":"ES384","typ":"JWT","kid":"arn:aws:ivs:us-east-1:1:public-key/a"}"#;
        let payload = br#"{"exp":1700003600,"iat":1.7e9,"jti":"a","resource":"arn","topic":"t","events_url":"e",
            "whip_url":"w","capabilities":{"allow_publish":true},"version":"1.0","attributes":{"name":"A"}}"#;
        let pem = b"-----BEGIN PUBLIC KEY-----\nMHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEfaYrIe4PjNmsRwLI41A4DNyD53reIhLR\n\
            mZouk7iaNoeWavZxuMAgXH3fBiMDOeIgBS5APW8moeM2E2qXJo8RkwRpxh0J3nJi\nJonJ9gApH7bjjMDjMDE+S4zNZd25UcNC\n\
            -----END PUBLIC KEY-----\n";
        let mut state = 9;
        for _ in 0..10_000 {
            // What is inside the parts first, for few mutants of the whole would still be base64.
            let parts = [mutant(&mut state, header), mutant(&mut state, payload), vec![0; 96]];
            let token = parts.map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
            body(token.as_bytes());
            body(&mutant(&mut state, token.as_bytes()));
            body(&mutant(&mut state, pem));
        }
    }
}
