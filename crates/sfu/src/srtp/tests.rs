//! The vectors of RFC 3711 and RFC 7714, and what two sides of a connection do with each other's packets.

use super::cipher::{Cipher, TAGS};
use super::derive::{MEDIA, derive};
use super::*;

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.chars().filter_map(|c| c.to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

#[test]
fn rfc_3711_b3_key_derivation() {
    let (key, salt) = (hex("E1F97A0D3E018BE0D64FA32C06DE4139"), hex("0EC675AD498AFEEBB6960B3AABE6"));
    let master = Master { key: &key, salt: &salt };
    let encryption = derive::<16>(master, MEDIA.encryption).expect("derives");
    assert_eq!(encryption.to_vec(), hex("C61E7A93744F39EE10734AFE3FF7A087"));
    let salt = derive::<14>(master, MEDIA.salt).expect("derives");
    assert_eq!(salt.to_vec(), hex("30CBBC08863D8C85D49DB34A9AE1"));
    let authentication = derive::<20>(master, MEDIA.authentication).expect("derives");
    assert_eq!(authentication.to_vec(), hex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"));
}

const GALLIA: &str = "8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976 69736120 696e2070 \
                      61727465 73207472 6573";

#[test]
fn rfc_7714_16_media() {
    let salt = hex("51756964 2070726f 2071756f").try_into().expect("12 bytes");
    let cases = [
        (
            "000102030405060708090a0b0c0d0e0f",
            "8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a 51c7d19b \
             36de3adf 8833899d 7f27beb1 6a9152cf 765ee439 0cce",
        ),
        (
            "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
            "8040f17b 8041f8d3 5501a0b2 32b1de78 a822fe12 ef9f78fa 332e33aa b1801238 9a58e2f3 b50b2a02 76ffae0f \
             1ba63799 b87b7aa3 db36dfff d6b0f9bb 7878d7a7 6c13",
        ),
    ];
    for (key, expected) in cases {
        let cipher = Cipher::gcm(&hex(key), salt).expect("a key");
        let mut packet = hex(GALLIA);
        assert!(cipher.seal_media(&mut packet, 0, 12, 0x5501_a0b2, 0xf17b));
        assert_eq!(packet, hex(expected));
    }
}

const PROFILES: [Profile; 3] = [Profile::Aes128CmSha1, Profile::Aes128Gcm, Profile::Aes256Gcm];

fn keys(profile: Profile, is_client: bool) -> MasterKeys {
    let material: Vec<u8> = (0..2 * (profile.key_bytes() + profile.salt_bytes())).map(|n| (n * 7) as u8).collect();
    MasterKeys::new(profile, &material, is_client)
}

fn report(ssrc: u32) -> Vec<u8> {
    let mut report = vec![0x80, 201, 0, 1];
    report.extend(ssrc.to_be_bytes());
    report.extend([0x81, 206, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8]);
    report
}

/// The test packet of libsrtp, which other libraries compare themselves with.
#[test]
fn media_in_counter_mode() {
    let (key, salt) = ("e1f97a0d3e018be0d64fa32c06de4139", "0ec675ad498afeebb6960b3aabe6");
    let material = hex(&format!("{key}{key}{salt}{salt}"));
    let (sealer, ..) = MasterKeys::new(Profile::Aes128CmSha1, &material, true).split().expect("keys");
    let mut packet = hex("800f1234 decafbad cafebabe abababab abababab abababab abababab");
    assert!(sealer.seal(&mut packet, 0, 12, 0xcafe_babe, 0x1234));
    let expected = hex("800f1234 decafbad cafebabe 4e55dc4c e79978d8 8ca4d215 949d2402 b78d6acc 99ea179b 8dbb");
    assert_eq!(packet, expected);
}

/// A report that the WebRTC library was given by another one.
#[test]
fn a_report_in_counter_mode() {
    let material = hex("2CB02346B42276A672CFD143AEC2D5EE DDDE55F0AD7BCAC22666F1C6386173ED \
                        6EB25CB7D26A61A1EE2C210ADAE7 60AAA2FD67B672C41AED105F9D36");
    let sealed = hex("80C80006 3CD7CC13 B7C831DCB776CD8DC26FDA1D9BFC8EE6589A1A8A49289CAEB264200C37D2D0A4AFAC6385FFC6 \
                      0DEC7D06D4873DD3A8CC 80000001 B7BB526521D1E73C0FC0");
    let opened = hex("80c80006 3cd7cc13 e2ee35c8604e618c26f327340000004300001407 81ca0006 3cd7cc13 \
                      0110386e46753268576672 4d44724766346f0000");
    let (.., mut opener) = MasterKeys::new(Profile::Aes128CmSha1, &material, false).split().expect("keys");
    let mut room = [0; MOST_REPORT];
    assert_eq!(opener.open(&sealed, &mut room), Some(&opened[..]));
    let (_, mut sealer, _) = MasterKeys::new(Profile::Aes128CmSha1, &material, true).split().expect("keys");
    let mut again = opened;
    assert!(sealer.seal(&mut again, 0));
    assert_eq!(again, sealed);
}

#[test]
fn a_report_is_opened_once_and_only_as_it_was_sealed() {
    for profile in PROFILES {
        let (_, mut sealer, _) = keys(profile, true).split().expect("keys");
        let (.., mut opener) = keys(profile, false).split().expect("keys");
        let mut room = [0; MOST_REPORT];
        let mut sealed = vec![9, 9, 9];
        sealed.extend(report(77));
        assert!(sealer.seal(&mut sealed, 3));
        assert_eq!(sealed[..3], [9, 9, 9], "what stood before it stays");
        let sealed = &sealed[3..];
        assert_ne!(sealed[8..20], report(77)[8..], "it cannot be read");
        for at in 0..sealed.len() {
            let mut forged = sealed.to_vec();
            forged[at] ^= 1;
            assert_eq!(opener.open(&forged, &mut room), None, "{profile:?}, byte {at}");
            assert_eq!(opener.open(&sealed[..at], &mut room), None, "{profile:?}, cut at {at}");
        }
        assert_eq!(opener.open(sealed, &mut room), Some(&report(77)[..]), "{profile:?}");
        assert_eq!(opener.open(sealed, &mut room), None, "{profile:?}, again");

        let mut next = report(77);
        assert!(sealer.seal(&mut next, 0));
        let mut other = report(78);
        assert!(sealer.seal(&mut other, 0));
        assert!(opener.open(&other, &mut room).is_some());
        assert!(opener.open(&next, &mut room).is_some(), "each name has its own numbers");
    }
}

#[test]
fn reports_of_too_many_names() {
    let (_, mut sealer, _) = keys(Profile::Aes128Gcm, true).split().expect("keys");
    let (.., mut opener) = keys(Profile::Aes128Gcm, false).split().expect("keys");
    let mut room = [0; MOST_REPORT];
    for ssrc in 0..1_000 {
        let mut sealed = report(ssrc);
        assert!(sealer.seal(&mut sealed, 0));
        assert!(opener.open(&sealed, &mut room).is_some());
    }
}

#[test]
fn media_of_every_profile() {
    for profile in PROFILES {
        let (sealer, ..) = keys(profile, false).split().expect("keys");
        let tag = if profile == Profile::Aes128CmSha1 { TAGS.1 } else { TAGS.0 };
        let seal = |index| {
            let mut packet = hex(GALLIA);
            assert!(sealer.seal(&mut packet, 0, 12, 0x5501_a0b2, index));
            packet
        };
        let (first, wrapped) = (seal(0xf17b), seal(0x1_f17b));
        assert_eq!(first.len(), hex(GALLIA).len() + tag);
        assert_eq!(first[..12], wrapped[..12], "the count of wraps is not sent");
        assert_ne!(first[12..], wrapped[12..], "but it is another packet");
        assert_eq!(first, seal(0xf17b), "the same packet again is the same bytes");
    }
}

#[test]
fn keys_that_are_too_short_or_shown() {
    for profile in PROFILES {
        assert!(MasterKeys::new(profile, &[1; 55], false).split().is_err());
    }
    let shown = format!("{:?}", keys(Profile::Aes128Gcm, true));
    assert_eq!(shown, "MasterKeys { profile: Aes128Gcm, .. }");
}
