//! Draws the charts of the documentation from the tables of its pages: one SVG for light pages and one for dark ones.

use std::{fs, path::Path};

use plotters::{
    backend::SVGBackend,
    drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea},
    element::{PathElement, Rectangle, Text},
    style::{
        Color, IntoFont, RGBColor,
        text_anchor::{HPos, Pos, VPos},
    },
};

use crate::engine::Result;

/// A bar: its label and its number.
type Bar = (String, f64);

/// Bars under a title.
struct Group {
    title: &'static str,
    bars: Vec<Bar>,
}

/// A chart of horizontal bars.
struct Chart {
    /// The name of the file, without the theme.
    name: &'static str,
    title: &'static str,
    groups: Vec<Group>,
    /// Whether all bars are of this library.
    only_own: bool,
    /// Where a line marks the number of wasmi.
    reference: Option<f64>,
}

/// The colours of a kind of page.
struct Theme {
    name: &'static str,
    background: RGBColor,
    text: RGBColor,
    line: RGBColor,
    bar: RGBColor,
    own_bar: RGBColor,
}

const THEMES: [Theme; 2] = [
    Theme {
        name: "light",
        background: RGBColor(255, 255, 255),
        text: RGBColor(31, 35, 40),
        line: RGBColor(140, 149, 159),
        bar: RGBColor(175, 184, 193),
        own_bar: RGBColor(9, 105, 218),
    },
    Theme {
        name: "dark",
        background: RGBColor(13, 17, 23),
        text: RGBColor(230, 237, 243),
        line: RGBColor(110, 118, 129),
        bar: RGBColor(72, 79, 88),
        own_bar: RGBColor(47, 129, 247),
    },
];

const WIDTH: i32 = 720;
const LABELS: i32 = 190;
const NUMBERS: i32 = 70;
const BAR: i32 = 24;
const HEAD: i32 = 44;
const GROUP_HEAD: i32 = 30;

/// Draws all charts into `charts` below `docs`.
///
/// # Errors
///
/// If a page lacks a table that is drawn, or a file cannot be written.
pub fn draw_all(docs: &Path) -> Result<()> {
    let results = fs::read_to_string(docs.join("results.md"))?;
    let startup = fs::read_to_string(docs.join("startup.md"))?;
    let directory = docs.join("charts");
    fs::create_dir_all(&directory)?;
    for chart in charts(&results, &startup)? {
        for theme in &THEMES {
            let path = directory.join(format!("{}-{}.svg", chart.name, theme.name));
            chart.draw(&path, theme).map_err(|error| format!("{}: {error}", path.display()))?;
            println!("{}", path.display());
        }
    }
    Ok(())
}

/// The charts, with the numbers of the pages.
fn charts(results: &str, startup: &str) -> Result<Vec<Chart>> {
    let execution = means(results, "Execution")?;
    let coremark = Table::find(results, "CoreMark", 0)?.row_at(0)?;
    let mut loading = Vec::new();
    let mut memory = Vec::new();
    let modes = [("eager", "Eager"), ("lazy translation", "Lazy translation"), ("lazy", "Lazy:")];
    for (i, (mode, heading)) in modes.into_iter().enumerate() {
        let means = Table::find(startup, heading, 0)?.row("geometric mean")?;
        loading.extend(means.into_iter().map(|(name, mean)| (format!("{name}, {mode}"), mean)));
        for (heading, name) in [("Heap, `Module::new`", "wasmote"), ("Heap, wasmote with lent bytes", "wasmote, lent")]
        {
            let (_, mean) = Table::find(startup, heading, 0)?.row("geometric mean")?.swap_remove(i);
            memory.push((format!("{name}, {mode}"), mean));
        }
    }
    let firmware = Table::find(results, "Firmware", 0)?;
    let firmware = (0..firmware.rows.len()).map(|i| {
        let (_, kib) = firmware.row_at(i)?.swap_remove(0);
        Ok((firmware.rows[i][0].clone(), kib))
    });
    let mut charts = vec![
        Chart {
            name: "execution",
            title: "Execution beside other interpreters",
            groups: vec![
                Group { title: "time of the kernels relative to wasmi (less is faster)", bars: execution },
                Group { title: "score of CoreMark (more is faster)", bars: coremark },
            ],
            only_own: false,
            reference: None,
        },
        Chart {
            name: "startup",
            title: "Loading 21 modules, relative to wasmi in the same mode",
            groups: vec![Group { title: "time (less is faster)", bars: loading }],
            only_own: true,
            reference: Some(1.0),
        },
        Chart {
            name: "memory",
            title: "Heap after loading 21 modules, relative to wasmi in the same mode",
            groups: vec![Group { title: "bytes (less is better)", bars: memory }],
            only_own: true,
            reference: Some(1.0),
        },
        Chart {
            name: "flash",
            title: "The example firmware on a Cortex-M4",
            groups: vec![Group { title: "KB (less is better)", bars: firmware.collect::<Result<_>>()? }],
            only_own: true,
            reference: None,
        },
    ];
    // This section begins with its first measurement.
    if results.contains("\n## Vectors\n") {
        charts.push(Chart {
            name: "vectors",
            title: "Kernels of vectors beside other engines",
            groups: vec![Group { title: "time relative to wasmi (less is faster)", bars: means(results, "Vectors")? }],
            only_own: false,
            reference: None,
        });
    }
    Ok(charts)
}

/// The geometric means of a section of kernels, relative to wasmi. Metered engines are left out.
fn means(results: &str, heading: &str) -> Result<Vec<Bar>> {
    let mut means = vec![("wasmi".to_owned(), 1.0)];
    let row = Table::find(results, heading, 0)?.row("geometric mean")?;
    means.extend(row.into_iter().filter(|(name, _)| !name.ends_with("-fuel")));
    Ok(means)
}

/// A table of a page.
struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Table `index` of the section whose heading begins with `heading`.
    fn find(page: &str, heading: &str, index: usize) -> Result<Self> {
        let lines = page.lines().skip_while(|line| {
            !line.trim_start_matches('#').trim_start().starts_with(heading) || !line.starts_with('#')
        });
        let section: Vec<&str> = lines.skip(1).take_while(|line| !line.starts_with("## ")).collect();
        let mut tables = section.split(|line| !line.starts_with('|')).filter(|lines| lines.len() > 2);
        let lines = tables.nth(index).ok_or_else(|| format!("the section `{heading}` has no table {index}"))?;
        let cells = |line: &&str| line.trim_matches('|').split('|').map(|cell| cell.trim().replace('*', "")).collect();
        let mut rows: Vec<Vec<String>> = lines.iter().map(cells).collect();
        let head = rows.remove(0);
        rows.remove(0);
        Ok(Self { head, rows })
    }

    /// The numbers of the row with this label, with the heads of their columns.
    fn row(&self, label: &str) -> Result<Vec<Bar>> {
        let row = self.rows.iter().position(|row| row.first().is_some_and(|cell| cell == label));
        let row = row.ok_or_else(|| format!("a table has no row `{label}`"))?;
        self.row_at(row)
    }

    /// The numbers of row `index`, with the heads of their columns.
    fn row_at(&self, index: usize) -> Result<Vec<Bar>> {
        let row = self.rows.get(index).ok_or_else(|| format!("a table has no row {index}"))?;
        let number = |cell: &String| cell.replace(',', "").split(' ').next().and_then(|word| word.parse().ok());
        let bars = self.head.iter().zip(row).filter_map(|(name, cell)| Some((name.clone(), number(cell)?)));
        let bars: Vec<Bar> = bars.collect();
        if bars.is_empty() { Err(format!("row {index} of a table has no numbers").into()) } else { Ok(bars) }
    }
}

type Drawn = std::result::Result<(), DrawingAreaErrorKind<std::io::Error>>;

impl Chart {
    fn draw(&self, path: &Path, theme: &Theme) -> Drawn {
        let bars = |group: &Group| GROUP_HEAD + BAR * group.bars.len() as i32;
        let height = HEAD + self.groups.iter().map(bars).sum::<i32>() + 16;
        let area = SVGBackend::new(path, (WIDTH as u32, height as u32)).into_drawing_area();
        area.fill(&theme.background)?;
        write(&area, self.title, (16, 24), 17, HPos::Left, theme.text)?;
        let mut top = HEAD;
        for group in &self.groups {
            write(&area, group.title, (16, top + GROUP_HEAD / 2), 13, HPos::Left, theme.text)?;
            top += GROUP_HEAD;
            self.draw_group(&area, group, top, theme)?;
            top += BAR * group.bars.len() as i32;
        }
        area.present()
    }

    fn draw_group(&self, area: &Area<'_>, group: &Group, top: i32, theme: &Theme) -> Drawn {
        let greatest = group.bars.iter().map(|(_, number)| *number).chain(self.reference).fold(0.0, f64::max);
        let x = |number: f64| LABELS + (number / greatest * f64::from(WIDTH - LABELS - NUMBERS)) as i32;
        for (i, (label, number)) in group.bars.iter().enumerate() {
            let (top, middle) = (top + BAR * i as i32, top + BAR * i as i32 + BAR / 2);
            let own = self.only_own || label.starts_with("wasmote");
            let color = if own { theme.own_bar } else { theme.bar };
            let bar = [(LABELS, top + 3), (x(*number), top + BAR - 3)];
            area.draw(&Rectangle::new(bar, color.filled()))?;
            write(area, label, (LABELS - 8, middle), 13, HPos::Right, theme.text)?;
            let decimals = if *number < 2.0 {
                2
            } else if *number < 100.0 {
                1
            } else {
                0
            };
            write(area, &format!("{number:.decimals$}"), (x(*number) + 6, middle), 13, HPos::Left, theme.text)?;
        }
        if let Some(reference) = self.reference {
            let line = [(x(reference), top), (x(reference), top + BAR * group.bars.len() as i32)];
            area.draw(&PathElement::new(line, theme.line.stroke_width(1)))?;
            write(area, "wasmi", (x(reference), top - 12), 13, HPos::Center, theme.text)?;
        }
        Ok(())
    }
}

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

/// Writes `text` with its middle at the height of `at`.
fn write(area: &Area<'_>, text: &str, at: (i32, i32), size: i32, side: HPos, color: RGBColor) -> Drawn {
    let style = ("sans-serif", size).into_font().color(&color).pos(Pos::new(side, VPos::Center));
    area.draw(&Text::new(text, at, style))
}
