//! A small picture of a picture.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits, Rgb, RgbImage, imageops};

/// The longest side of a preview, in pixels.
const SIDE: u32 = 640;

/// The most pixels a picture may have: more than cameras make. What decoding takes grows with them.
const MOST_PIXELS: u64 = 64_000_000;

/// The longest side of a picture, in pixels.
const LONGEST: u32 = 30_000;

/// What a picture and its decoder may take, in bytes.
const MOST_MEMORY: u64 = 320 * 1024 * 1024;

const QUALITY: u8 = 80;

/// A preview.
pub(crate) struct Made {
    /// A JPEG without anything but its pixels.
    pub(crate) bytes: Vec<u8>,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// The preview of a picture; nothing, if it is none that can be decoded within limits.
pub(crate) fn preview(bytes: &[u8]) -> Option<Made> {
    preview_within(MOST_MEMORY, bytes)
}

fn preview_within(memory: u64, bytes: &[u8]) -> Option<Made> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    if !matches!(reader.format()?, ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::Gif | ImageFormat::WebP) {
        return None;
    }
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(LONGEST);
    limits.max_image_height = Some(LONGEST);
    limits.max_alloc = Some(memory);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder().ok()?;
    // A decoder counts what it needs itself, not what it fills.
    limits.reserve(decoder.total_bytes()).ok()?;
    decoder.set_limits(limits).ok()?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 || u64::from(width) * u64::from(height) > MOST_PIXELS {
        return None;
    }
    let orientation = decoder.orientation().ok()?;
    let picture = DynamicImage::from_decoder(decoder).ok()?;
    let mut small = if width.max(height) > SIDE { picture.thumbnail(SIDE, SIDE) } else { picture };
    // How the camera was held is part of the picture; that it says so is not.
    small.apply_orientation(orientation);
    let pixels = on_white(&small);
    let mut bytes = Vec::new();
    pixels.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, QUALITY)).ok()?;
    Some(Made { bytes, width: pixels.width(), height: pixels.height() })
}

/// A JPEG has no holes: what shows through is white.
fn on_white(picture: &DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.to_rgb8();
    }
    let mut ground =
        DynamicImage::from(RgbImage::from_pixel(picture.width(), picture.height(), Rgb([255; 3]))).to_rgba8();
    imageops::overlay(&mut ground, &picture.to_rgba8(), 0, 0);
    DynamicImage::from(ground).to_rgb8()
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::RgbaImage;

    fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    /// Red on the left, blue on the right.
    fn halves(width: u32, height: u32) -> DynamicImage {
        RgbImage::from_fn(width, height, |x, _| Rgb(if x < width / 2 { [250, 0, 0] } else { [0, 0, 250] })).into()
    }

    fn decoded(made: &Made) -> RgbImage {
        assert!(made.bytes.starts_with(b"\xff\xd8\xff"));
        let picture = image::load_from_memory_with_format(&made.bytes, ImageFormat::Jpeg).unwrap().to_rgb8();
        assert_eq!(picture.dimensions(), (made.width, made.height));
        picture
    }

    /// A JPEG with what cameras write into it: how it was held, and where.
    fn photographed(orientation: u8) -> Vec<u8> {
        let picture = encoded(&halves(800, 400), ImageFormat::Jpeg);
        let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
        exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
        exif.extend(b"GPS 48.1372 N 11.5756 E");
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        [&picture[..2], b"\xff\xe1", &length, &exif, &picture[2..]].concat()
    }

    #[test]
    fn pictures_of_every_kind_become_small_and_keep_their_proportions() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP] {
            let made = preview(&encoded(&halves(1600, 400), format)).unwrap();
            assert_eq!((made.width, made.height), (640, 160), "{format:?}");
            let picture = decoded(&made);
            assert!(picture.get_pixel(100, 80)[0] > 200 && picture.get_pixel(540, 80)[2] > 200, "{format:?}");
        }
        let made = preview(&encoded(&halves(20, 10), ImageFormat::Png)).unwrap();
        assert_eq!((made.width, made.height), (20, 10), "what is small stays as it is");
    }

    #[test]
    fn nothing_but_the_pixels_is_left() {
        let photograph = photographed(6);
        assert!(photograph.windows(3).any(|part| part == b"GPS"));
        let made = preview(&photograph).unwrap();
        for trace in [&b"GPS"[..], b"Exif", b"48.1372"] {
            assert!(!made.bytes.windows(trace.len()).any(|part| part == trace));
        }
        // Held on its side: what was left is above.
        let picture = decoded(&made);
        assert_eq!(picture.dimensions(), (320, 640));
        assert!(picture.get_pixel(160, 100)[0] > 200 && picture.get_pixel(160, 540)[2] > 200);
    }

    #[test]
    fn what_shows_through_is_white() {
        let picture = DynamicImage::from(RgbaImage::from_pixel(8, 8, image::Rgba([0, 0, 0, 0])));
        let made = preview(&encoded(&picture, ImageFormat::Png)).unwrap();
        assert!(decoded(&made).pixels().all(|pixel| pixel.0.iter().all(|value| *value > 250)));
    }

    #[test]
    fn what_takes_more_memory_than_there_is_has_no_preview() {
        let (plain, deep) = (halves(400, 200), DynamicImage::from(halves(400, 200).to_rgba16()));
        let [plain, deep] = [plain, deep].map(|picture| encoded(&picture, ImageFormat::Png));
        // Three bytes for a pixel, and eight.
        assert!(preview_within(400_000, &plain).is_some() && preview_within(400_000, &deep).is_none());
        assert!(preview_within(800_000, &deep).is_some());
    }

    #[test]
    fn what_is_no_picture_or_too_large_a_one_has_no_preview() {
        let whole = encoded(&halves(800, 400), ImageFormat::Png);
        let mut bomb = encoded(&halves(1, 1), ImageFormat::Png);
        // A header that promises 60,000 by 60,000 pixels, with its checksum.
        bomb[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
        let bitmap = b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x02\0\0\0\x02\0\0\0\x01\0\x18\0";
        let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>";
        for (what, bytes) in [
            ("nothing", &b""[..]),
            ("text", b"hello"),
            ("a drawing", svg),
            ("a bitmap", bitmap),
            ("half a picture", &whole[..whole.len() / 2]),
            ("a bomb", &bomb),
        ] {
            assert!(preview(bytes).is_none(), "{what}");
        }
        let many = DynamicImage::from(image::GrayImage::new(9_000, 8_000));
        assert!(preview(&encoded(&many, ImageFormat::Png)).is_none(), "more pixels than are decoded");
    }
}
