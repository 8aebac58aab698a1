//! What a viewer wishes to get of a publisher: sound or not, and which picture.
//!
//! The one rule: a wish is by names and sizes, as clients know them; only where it is applied does it become the number
//! of a layer, since a publisher who comes back may have other layers.
//!
//! Sources: the Video Layer Selection extension of WHEP (webrtc-http-egress-events) for `rid`, `maxWidth` and `maxHeight`;
//! *Stage strategy* of the Web broadcast SDK's reference for sound without picture.

use std::time::Instant;

use serde::Deserialize;
use switchboard_sfu::{LayerStats, PeerId, Shard, Wish};

/// All that a viewer wishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wishes {
    /// Whether it is to have sound.
    pub(super) audio: bool,
    /// Which picture.
    pub(super) picture: Picture,
}

/// Which picture a viewer wishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Picture {
    /// None.
    Off,
    /// The best that gets through.
    Best,
    /// The layer of that rid, or a smaller one while that does not get through.
    UpTo(String),
    /// The largest layer of at most that size.
    Within {
        /// Its wider side.
        long: u32,
        /// Its other side.
        short: u32,
    },
}

/// A wish as clients write it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Written {
    /// `rid`: the layer; absent or null is whichever is best.
    #[serde(alias = "layer")]
    pub(super) rid: Option<String>,
    /// `maxWidth`, in pixels.
    pub(super) max_width: Option<u32>,
    /// `maxHeight`, in pixels.
    pub(super) max_height: Option<u32>,
    /// `audio`: false for none.
    pub(super) audio: Option<bool>,
    /// `video`: false for none.
    pub(super) video: Option<bool>,
}

impl Default for Wishes {
    fn default() -> Self {
        Self { audio: true, picture: Picture::Best }
    }
}

impl From<Written> for Wishes {
    fn from(written: Written) -> Self {
        let Written { rid, max_width, max_height, audio, video } = written;
        let picture = match (video, rid, max_width.or(max_height)) {
            (Some(false), ..) => Picture::Off,
            (_, Some(rid), _) => Picture::UpTo(rid),
            (_, None, None) => Picture::Best,
            (_, None, Some(_)) => {
                let (width, height) = (max_width.unwrap_or(u32::MAX), max_height.unwrap_or(u32::MAX));
                Picture::Within { long: width.max(height), short: width.min(height) }
            }
        };
        Self { audio: audio.unwrap_or(true), picture }
    }
}

impl Picture {
    /// The wish in numbers of that publisher's layers; `None` when there is no such layer.
    pub(super) fn wish(&self, shard: &mut Shard, now: Instant, publisher: PeerId) -> Option<Wish> {
        match self {
            Self::Off => Some(Wish::Off),
            Self::Best => Some(Wish::Best),
            Self::UpTo(rid) => shard.layer(publisher, rid).map(Wish::UpTo),
            Self::Within { long, short } => {
                let layers = shard.stats(now, publisher)?.layers;
                Some(Wish::UpTo(largest_within(&layers, *long, *short)))
            }
        }
    }
}

/// The largest layer that fits; the smallest where none does, or where nothing is known of their sizes yet.
fn largest_within(layers: &[LayerStats], long: u32, short: u32) -> u8 {
    let fits = |layer: &LayerStats| {
        layer.resolution.is_some_and(|picture| {
            let (width, height) = (picture.width, picture.height);
            width.max(height) <= long && width.min(height) <= short
        })
    };
    layers.iter().rposition(fits).and_then(|place| u8::try_from(place).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use switchboard_sfu::Resolution;

    use super::*;

    fn read(text: &str) -> Wishes {
        serde_json::from_str::<Written>(text).expect("a wish").into()
    }

    #[test]
    fn wishes_as_they_are_written() {
        assert_eq!(read("{}"), Wishes::default());
        assert_eq!(read(r#"{"rid":null,"mediaId":"1"}"#), Wishes::default());
        assert_eq!(read(r#"{"layer":"mid"}"#).picture, Picture::UpTo("mid".to_owned()));
        assert_eq!(read(r#"{"maxHeight":360}"#).picture, Picture::Within { long: u32::MAX, short: 360 });
        assert_eq!(read(r#"{"video":false,"audio":false}"#), Wishes { audio: false, picture: Picture::Off });
    }

    #[test]
    fn the_largest_layer_that_fits() {
        let layer = |width, height| LayerStats {
            label: String::new(),
            bits_per_second: 0,
            resolution: Some(Resolution { width, height }),
        };
        let layers = [layer(320, 180), layer(640, 360), layer(1_280, 720)];
        assert_eq!(largest_within(&layers, u32::MAX, 360), 1);
        assert_eq!(largest_within(&layers, 1_280, u32::MAX), 2);
        assert_eq!(largest_within(&layers, 100, 100), 0);
        assert_eq!(largest_within(&[], 100, 100), 0);
    }
}
