//! The tables of README.md, docs/figures.md and docs/promises.md, written between markers from the record.

use std::fs;

use anyhow::Context;

use crate::bench::{backups, cold_start, instructions, kill, links, load, notices, scale};
use crate::cost::Cost;
use crate::promises::Proved;
use crate::{markdown, picture, record};

const PATHS: [&str; 3] = ["README.md", "docs/figures.md", "docs/promises.md"];

/// Write the recorded figures into the tables of README.md, docs/figures.md and docs/promises.md, and into docs/growth.svg.
///
/// Each table stands between `<!-- figures:NAME -->` and `<!-- /figures:NAME -->`, where NAME is one of
/// in-short, promises, promises-in-short, send, memory, scale, notices, backups, links, cold-start, kill, cost, instructions.
#[derive(clap::Args)]
pub(crate) struct Figures {
    /// Write nothing; fail if a table differs from the record.
    #[arg(long)]
    check: bool,

    /// First take what each operation costs into the record, from the JSON file that the metering tests wrote.
    #[arg(long, value_name = "FILE", conflicts_with = "check")]
    cost: Option<std::path::PathBuf>,
}

impl Figures {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        if let Some(path) = &self.cost {
            record::write(Cost::read(path)?)?;
        }
        let tables = tables()?;
        let pages = PATHS.map(|path| fs::read_to_string(path).context(path));
        let pages = pages.into_iter().collect::<anyhow::Result<Vec<String>>>()?;
        refuse_unshown(&pages, &tables)?;
        for (path, before) in PATHS.iter().zip(pages) {
            self.put(path, &before, fill_all(&before, &tables)?)?;
        }
        let before = fs::read_to_string(picture::PATH).unwrap_or_default();
        self.put(picture::PATH, &before, picture::drawn()?)
    }

    /// Writes a file, or says that it is not what it should be.
    fn put(&self, path: &str, before: &str, after: String) -> anyhow::Result<()> {
        if after == before {
            println!("{path} shows the record");
        } else if self.check {
            anyhow::bail!("{path} differs from the record: run `cargo xtask figures`");
        } else {
            fs::write(path, after)?;
            println!("{path} written");
        }
        Ok(())
    }
}

/// A name and the Markdown that belongs between its markers.
type Table = (&'static str, String);

fn tables() -> anyhow::Result<Vec<Table>> {
    let proved = record::read::<Proved>()?;
    let in_short = match proved {
        Some(section) => section.figures.in_short()?,
        None => "*Not run yet.*\n".to_owned(),
    };
    Ok(vec![
        ("in-short", in_short_table()?),
        table::<Proved>()?,
        ("promises-in-short", in_short),
        table::<load::Sends>()?,
        table::<load::Memory>()?,
        table::<scale::Scale>()?,
        table::<notices::Notices>()?,
        table::<backups::Backups>()?,
        table::<links::Links>()?,
        table::<cold_start::ColdStarts>()?,
        table::<kill::Kills>()?,
        table::<Cost>()?,
        table::<instructions::Instructions>()?,
    ])
}

/// What whoever has three minutes reads of all that was measured.
fn in_short_table() -> anyhow::Result<String> {
    let mut rows = Vec::new();
    headlines::<kill::Kills>(&mut rows)?;
    headlines::<Cost>(&mut rows)?;
    headlines::<cold_start::ColdStarts>(&mut rows)?;
    headlines::<load::Sends>(&mut rows)?;
    headlines::<scale::Scale>(&mut rows)?;
    headlines::<notices::Notices>(&mut rows)?;
    headlines::<backups::Backups>(&mut rows)?;
    Ok(markdown::text_table(&["what", "measured", "by"], &rows))
}

fn headlines<T: record::Figures>(rows: &mut Vec<Vec<String>>) -> anyhow::Result<()> {
    let told = record::read::<T>()?.map(|section| section.figures.headlines()).unwrap_or_default();
    rows.extend(told.into_iter().map(|(what, figure)| vec![what, figure, format!("`{}`", T::COMMAND)]));
    Ok(())
}

fn table<T: record::Figures>() -> anyhow::Result<Table> {
    let markdown = match record::read::<T>()? {
        Some(section) => section.markdown(),
        None => format!("*Not measured yet: `{}`.*\n", T::COMMAND),
    };
    Ok((T::NAME, markdown))
}

fn fill_all(text: &str, tables: &[Table]) -> anyhow::Result<String> {
    refuse_unknown_markers(text, tables)?;
    tables.iter().try_fold(text.to_owned(), |text, (name, table)| fill(&text, name, table))
}

/// A table that no page shows would be lost without a word.
fn refuse_unshown(pages: &[String], tables: &[Table]) -> anyhow::Result<()> {
    for (name, _) in tables {
        let marker = format!("<!-- figures:{name} -->");
        anyhow::ensure!(pages.iter().any(|page| page.contains(&marker)), "no page shows the figures `{name}`");
    }
    Ok(())
}

/// A misspelt marker would keep its stale table for ever.
fn refuse_unknown_markers(text: &str, tables: &[Table]) -> anyhow::Result<()> {
    for rest in text.split("<!-- figures:").skip(1) {
        let name = rest.split(" -->").next().unwrap_or_default();
        anyhow::ensure!(tables.iter().any(|(known, _)| *known == name), "there are no figures `{name}`");
    }
    Ok(())
}

/// Replaces what stands between the markers of `name`; a text without them stays as it is.
fn fill(text: &str, name: &str, table: &str) -> anyhow::Result<String> {
    let (open, close) = (format!("<!-- figures:{name} -->"), format!("<!-- /figures:{name} -->"));
    let Some((before, rest)) = text.split_once(&open) else { return Ok(text.to_owned()) };
    let (_, after) = rest.split_once(&close).with_context(|| format!("`{open}` has no `{close}` after it"))?;
    Ok(format!("{before}{open}\n{table}{close}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables() -> Vec<Table> {
        vec![("send", "| fast |\n".to_owned()), ("kill", "| safe |\n".to_owned())]
    }

    #[test]
    fn tables_go_between_their_markers() {
        let text = "a\n<!-- figures:kill -->\nold\n<!-- /figures:kill -->\nb\n";
        let filled = fill_all(text, &tables()).unwrap();
        assert_eq!(filled, "a\n<!-- figures:kill -->\n| safe |\n<!-- /figures:kill -->\nb\n");
        assert_eq!(fill_all(&filled, &tables()).unwrap(), filled, "filling twice changes nothing");
    }

    #[test]
    fn a_table_that_no_page_shows_is_an_error() {
        let page = |name: &str| format!("<!-- figures:{name} -->");
        assert!(refuse_unshown(&[page("send"), page("kill")], &tables()).is_ok());
        assert!(refuse_unshown(&[page("send")], &tables()).is_err());
    }

    #[test]
    fn a_broken_marker_is_an_error() {
        for text in ["<!-- figures:kil -->\n<!-- /figures:kil -->", "<!-- figures:kill -->\nno end"] {
            assert!(fill_all(text, &tables()).is_err());
        }
    }
}
