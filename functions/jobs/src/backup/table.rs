//! A table for spreadsheets (RFC 4180).

use std::borrow::Cow;

use domain::chain::Seq;
use domain::clock::Timestamp;
use store::BoxError;

/// By which spreadsheets see that it is UTF-8.
const MARK: &str = "\u{feff}";

/// A table at work.
pub(crate) struct Table(csv::Writer<Vec<u8>>);

/// A row of it.
pub(crate) struct Row<'a> {
    pub(crate) seq: Seq,
    pub(crate) at: Timestamp,
    pub(crate) by: &'a str,
    pub(crate) name: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) text: &'a str,
    pub(crate) important: bool,
    pub(crate) edited_at: Option<Timestamp>,
    pub(crate) attachments: String,
}

impl<'a> Row<'a> {
    /// A row that says when and who, and not yet what.
    pub(crate) fn of(seq: Seq, at: Timestamp, by: &'a str, name: &'a str) -> Self {
        let attachments = String::new();
        Self { seq, at, by, name, kind: "", text: "", important: false, edited_at: None, attachments }
    }
}

const HEADER: [&str; 9] =
    ["entry", "sent_at", "username", "name", "kind", "important", "text", "edited_at", "attachments"];

impl Table {
    /// A table with nothing but its header.
    pub(crate) fn new() -> Self {
        let mut table =
            csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(MARK.as_bytes().to_vec());
        // Into memory, where writing never fails; and if it did, a table without header were a table.
        let _ = table.write_record(HEADER);
        Self(table)
    }

    /// Adds a row.
    pub(crate) fn add(&mut self, row: &Row<'_>) -> Result<(), BoxError> {
        let edited_at = row.edited_at.map(|at| at.to_string()).unwrap_or_default();
        let (seq, at) = (row.seq.to_string(), row.at.to_string());
        let important = if row.important { "yes" } else { "" };
        let cells = [&seq, &at, row.by, row.name, row.kind, important, row.text, &edited_at, &row.attachments];
        self.0.write_record(cells.map(|cell| inert(cell).into_owned()))?;
        Ok(())
    }

    /// The table's bytes.
    pub(crate) fn end(self) -> Result<Vec<u8>, BoxError> {
        self.0.into_inner().map_err(|error| error.into_error().into())
    }
}

/// A cell that no spreadsheet takes for a formula (<https://owasp.org/www-community/attacks/CSV_Injection>).
fn inert(cell: &str) -> Cow<'_, str> {
    let begins = |c: char| matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠');
    if cell.starts_with(begins) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "－1"] {
            assert_eq!(inert(cell), format!("'{cell}"));
        }
        for cell in ["", "1=1", "a-b", "'=1", "2026-03-01"] {
            assert_eq!(inert(cell), cell);
        }
    }

    #[test]
    fn a_table_is_read_as_it_was_written() {
        let mut table = Table::new();
        let text = "He said \"no\",\r\nand left; =1";
        let row = Row {
            kind: "message",
            text,
            important: true,
            ..Row::of(Seq::START, Timestamp::from_millis(0), "jo", "Jo")
        };
        table.add(&row).unwrap();
        let bytes = table.end().unwrap();
        let bytes = bytes.strip_prefix(MARK.as_bytes()).unwrap();
        let mut read = csv::Reader::from_reader(bytes);
        assert_eq!(read.headers().unwrap(), &HEADER[..]);
        let row = read.records().next().unwrap().unwrap();
        assert_eq!((&row[2], &row[4], &row[5], &row[6]), ("jo", "message", "yes", text));
    }
}
