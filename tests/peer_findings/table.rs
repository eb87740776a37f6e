//! A table of findings: tab-separated, one row for each code, side and severity of each file.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use informant::session::Finding;

/// Rows by who made the traffic, code, side, severity and file, so that the same finding of one maker stands together.
#[derive(Debug, Default)]
pub struct Table {
    rows: BTreeMap<Key, Row>,
}

type Key = (String, String, String, String, String);

/// One row.
#[derive(Debug, Clone, Default)]
pub struct Row {
    pub file: String,
    pub code: String,
    pub blame: String,
    pub severity: String,
    pub count: u64,
    /// What the bytes hold; `"` where the row above says it.
    pub reason: String,
    /// What the first finding says, as a hint for whoever looks at the bytes.
    said: String,
}

impl Row {
    /// Who made the file: the repository, where the name begins with one, else the file itself.
    fn maker(&self) -> &str {
        self.file.split("__").next().unwrap_or(&self.file)
    }

    fn key(&self) -> Key {
        let maker = self.maker().to_owned();
        let (code, blame) = (self.code.clone(), self.blame.clone());
        (maker, code, blame, self.severity.clone(), self.file.clone())
    }

    fn told(&self) -> String {
        let Self {
            file,
            code,
            blame,
            severity,
            count,
            reason,
            ..
        } = self;
        format!("{file}\t{code}\t{blame}\t{severity}\t{count}\t{reason}")
    }
}

impl Table {
    /// Reads what [`Table::written`] writes; a line that is no row counts as one without a reason.
    pub fn read(text: &str) -> Self {
        let mut table = Self::default();
        for line in text.lines().skip(1) {
            let mut fields = line.split('\t').map(str::to_owned);
            let mut field = || fields.next().unwrap_or_default();
            let row = Row {
                file: field(),
                code: field(),
                blame: field(),
                severity: field(),
                count: field().parse().unwrap_or_default(),
                reason: field(),
                said: String::new(),
            };
            table.rows.insert(row.key(), row);
        }
        table
    }

    pub fn written(&self) -> String {
        let mut text = String::from(HEAD);
        for row in self.rows() {
            let _ = writeln!(text, "{}", row.told());
        }
        text
    }

    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.values()
    }

    pub fn add(&mut self, file: &str, finding: &Finding) {
        let row = Row {
            file: file.to_owned(),
            code: finding.code.to_owned(),
            blame: finding.blame.name().to_owned(),
            severity: finding.severity.name().to_owned(),
            said: finding.message.clone(),
            ..Row::default()
        };
        self.rows.entry(row.key()).or_insert(row).count += finding.count;
    }

    pub fn take_reasons(&mut self, other: &Self) {
        for (key, row) in &mut self.rows {
            if let Some(told) = other.rows.get(key) {
                row.reason.clone_from(&told.reason);
            }
        }
    }

    /// Rows that one of the two lacks, or counts otherwise.
    pub fn differences(&self, found: &Self) -> String {
        let mut text = String::new();
        for (key, row) in &self.rows {
            match found.rows.get(key) {
                None => {
                    let _ = writeln!(text, "  gone:  {}", row.told());
                }
                Some(now) if now.count != row.count => {
                    let _ = writeln!(text, "  now {}: {}", now.count, row.told());
                }
                Some(_) => {}
            }
        }
        for (key, row) in &found.rows {
            if !self.rows.contains_key(key) {
                let _ = writeln!(text, "  new:   {}({})", row.told(), row.said);
            }
        }
        text
    }

    /// Rows without a reason, or with one that refers to a row above that is about something else.
    pub fn unexplained(&self) -> String {
        let mut text = String::new();
        let mut above: Option<&Row> = None;
        for row in self.rows() {
            let same = above.is_some_and(|above| {
                let of = |row: &Row| (row.code.clone(), row.blame.clone(), row.severity.clone());
                row.maker() == above.maker() && of(row) == of(above)
            });
            if row.reason.is_empty() || row.reason == DITTO && !same {
                let _ = writeln!(text, "  {}({})", row.told(), row.said);
            }
            above = Some(row);
        }
        text
    }
}

const HEAD: &str = "file\tcode\tblame\tseverity\tcount\treason\n";
const DITTO: &str = "\"";
