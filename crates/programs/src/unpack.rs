//! Unpacks archives into directories. Paths that lead out of the directory are errors.

use std::{
    fs,
    io::{self, Cursor},
    path::Path,
};

use flate2::read::GzDecoder;
use tar::Archive;
use zip::ZipArchive;

/// Unpacks a zip file.
pub(crate) fn zip(archive: &[u8], directory: &Path) -> Result<(), String> {
    let mut archive = ZipArchive::new(Cursor::new(archive)).map_err(|error| error.to_string())?;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|error| error.to_string())?;
        let name = entry.enclosed_name().ok_or_else(|| format!("{:?} leads out of the directory", entry.name()))?;
        if entry.is_dir() {
            continue;
        }
        let path = directory.join(name);
        create(&path).and_then(|mut file| io::copy(&mut entry, &mut file)).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Unpacks a gzipped tar file.
pub(crate) fn tar_gz(archive: &[u8], directory: &Path) -> Result<(), String> {
    let mut archive = Archive::new(GzDecoder::new(archive));
    // Nothing depends on the times of files.
    archive.set_preserve_mtime(false);
    for entry in archive.entries().map_err(|error| error.to_string())? {
        let mut entry = entry.map_err(|error| error.to_string())?;
        if !entry.unpack_in(directory).map_err(|error| error.to_string())? {
            return Err(format!("{:?} leads out of the directory", String::from_utf8_lossy(&entry.path_bytes())));
        }
    }
    Ok(())
}

/// Creates a file and the directories that contain it.
fn create(path: &Path) -> io::Result<fs::File> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    fs::File::create(path)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};
    use tar::Header;
    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::{Cursor, fs, tar_gz, zip};

    fn zip_of(name: &str) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        writer.start_file(name, SimpleFileOptions::default()).unwrap();
        writer.write_all(b"contents").unwrap();
        writer.finish().unwrap().into_inner()
    }

    fn tar_gz_of(name: &str) -> Vec<u8> {
        let mut header = Header::new_gnu();
        // `set_path` refuses what is tested here.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(8);
        header.set_mode(0o644);
        header.set_cksum();
        let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        builder.append(&header, &b"contents"[..]).unwrap();
        builder.into_inner().unwrap().finish().unwrap()
    }

    #[test]
    fn files_are_unpacked_to_the_paths_of_the_archive() {
        for (archive, unpack) in [(zip_of("a/b"), zip as fn(&_, &_) -> _), (tar_gz_of("a/b"), tar_gz)] {
            let directory = tempfile::tempdir().unwrap();
            assert_eq!(unpack(&archive[..], directory.path()), Ok(()));
            assert_eq!(fs::read(directory.path().join("a/b")).unwrap(), b"contents");
        }
    }

    #[test]
    fn paths_that_lead_out_are_refused() {
        let directory = tempfile::tempdir().unwrap();
        let inside = directory.path().join("inside");
        fs::create_dir(&inside).unwrap();
        assert!(zip(&zip_of("../out"), &inside).is_err());
        assert!(tar_gz(&tar_gz_of("../out"), &inside).is_err());
        assert!(!directory.path().join("out").exists());
    }

    #[test]
    fn other_bytes_are_refused() {
        let directory = tempfile::tempdir().unwrap();
        assert!(zip(b"not an archive", directory.path()).is_err());
        assert!(tar_gz(b"not an archive", directory.path()).is_err());
    }
}
