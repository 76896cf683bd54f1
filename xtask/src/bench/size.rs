//! How large things are, in megabytes: of a million bytes each, wherever a figure says so.

/// Converts bytes to megabytes.
#[expect(clippy::cast_precision_loss, reason = "shown to the tenth at most")]
pub(crate) fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1_000_000.0
}

/// Converts what the system says of memory to megabytes; its kilobytes have 1,024 bytes.
pub(crate) fn megabytes_held(kilobytes: u32) -> f64 {
    megabytes(u64::from(kilobytes) * 1_024)
}

/// Rounds to the tenth: what lies below is noise, and would only make records differ.
pub(crate) fn tenths(megabytes: f64) -> f64 {
    (megabytes * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_megabyte_is_a_million_bytes_of_files_and_of_memory() {
        assert_eq!(megabytes(52_428_800).to_string(), "52.4288");
        assert_eq!(megabytes_held(51_200).to_string(), "52.4288");
        assert_eq!(tenths(megabytes_held(51_200)).to_string(), "52.4");
    }
}
