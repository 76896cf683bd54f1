//! Pictures that strangers made to be decoded.
#![no_main]

use std::io::Cursor;

use image::{ImageFormat, ImageReader};
use libfuzzer_sys::{Corpus, fuzz_target};
use picture::{Made, preview};

#[path = "../../functions/previews/src/picture.rs"]
mod picture;

fuzz_target!(|bytes: &[u8]| -> Corpus {
    let Some(Made { bytes: made, width, height }) = preview(bytes) else { return Corpus::Keep };
    assert!((1..=640).contains(&width) && (1..=640).contains(&height), "{width} by {height}");
    // What a picture may have at most: the rest would be more than a function has room for.
    let (was_wide, was_high) = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .expect("bytes are read")
        .into_dimensions()
        .expect("it was decoded");
    assert!(u64::from(was_wide) * u64::from(was_high) <= 64_000_000 && was_wide.max(was_high) <= 30_000);
    let picture = image::load_from_memory_with_format(&made, ImageFormat::Jpeg).expect("a JPEG");
    assert_eq!((picture.width(), picture.height()), (width, height));
    assert!(pixels_alone(&made), "more than pixels");
    Corpus::Keep
});

/// Whether a JPEG has no segment in which cameras and programs write, but the one that says that it is a JPEG.
fn pixels_alone(jpeg: &[u8]) -> bool {
    let mut at = 2;
    loop {
        match jpeg[at..] {
            [0xff, 0xda, ..] => return true,
            [0xff, 0xe1..=0xef | 0xfe, ..] => return false,
            [0xff, _, high, low, ..] => at += 2 + usize::from(u16::from_be_bytes([high, low])),
            _ => return false,
        }
    }
}
