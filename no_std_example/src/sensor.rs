//! The sensor, simulated by a formula so that every run has the same readings, and the filter of
//! the plugin `smoothing` in Rust, to check its answers.

/// A thermometer that slowly warms up, jitters, and now and then reports nonsense.
#[derive(Default)]
pub struct Sensor {
    readings: i32,
}

impl Sensor {
    /// Returns the next reading, in hundredths of a degree.
    pub fn read(&mut self) -> i32 {
        self.readings += 1;
        let n = self.readings;
        if n % 40 == 0 { 9999 } else { 2000 + n / 4 + n * 7 % 13 }
    }
}

/// Returns the answer of the plugin `smoothing` to `samples` readings of a new sensor.
pub fn smoothed(samples: i32) -> i32 {
    let mut sensor = Sensor::default();
    let mut window = [0; 8];
    let mut kept = 0;
    let mut average = 0;
    for _ in 0..samples {
        let reading = sensor.read();
        if kept >= window.len() && (reading - average).abs() > 100 {
            continue;
        }
        window[kept % window.len()] = reading;
        kept += 1;
        let held = kept.min(window.len());
        average = window[..held].iter().sum::<i32>() / held as i32;
    }
    average
}
