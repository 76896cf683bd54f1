//! Where the stack keeps its data.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use aws_lc_rs::rand;

/// A folder that no second stack uses at the same time.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Held as long as the folder is in use; the system lets go of it however the process ends.
    _lock: Option<File>,
    temporary: bool,
}

impl Folder {
    /// Opens `path`, which it creates if need be, for this stack alone.
    pub fn open(path: &Path) -> Result<Self> {
        let unusable = || format!("the data folder {} cannot be used", path.display());
        create(path).with_context(unusable)?;
        let path = path.canonicalize().with_context(unusable)?;
        let lock = File::create(path.join("lock")).with_context(unusable)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, _lock: Some(lock), temporary: false }),
            Err(TryLockError::WouldBlock) => bail!(
                "the data folder {} is in use by another Confer.\n\
                 Stop that one, or choose another folder with --data-dir, or keep nothing with --memory",
                path.display()
            ),
            Err(TryLockError::Error(error)) => Err(error).with_context(unusable),
        }
    }

    /// Makes a folder that goes when this value goes.
    pub fn temporary() -> Result<Self> {
        let mut random = [0; 8];
        rand::fill(&mut random)?;
        let path = std::env::temp_dir().join(format!("confer-{:016x}", u64::from_be_bytes(random)));
        create(&path).with_context(|| format!("cannot create {}", path.display()))?;
        Ok(Self { path, _lock: None, temporary: true })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.temporary
            && let Err(error) = fs::remove_dir_all(&self.path)
            && error.kind() != ErrorKind::NotFound
        {
            tracing::warn!(%error, "The temporary folder could not be removed");
        }
    }
}

/// It holds messages and a private key: for its owner only.
fn create(path: &Path) -> std::io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_serves_one_stack_at_a_time() {
        let parent = Folder::temporary().unwrap();
        let path = parent.path().join("data");
        let first = Folder::open(&path).unwrap();
        let refusal = Folder::open(&path).unwrap_err().to_string();
        assert!(refusal.contains("in use by another Confer"), "{refusal}");
        drop(first);
        Folder::open(&path).unwrap();
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let refusal = Folder::open(Path::new("/proc/confer")).unwrap_err().to_string();
        assert!(refusal.contains("/proc/confer cannot be used"), "{refusal}");
    }

    #[test]
    fn a_temporary_folder_leaves_nothing() {
        let folder = Folder::temporary().unwrap();
        let path = folder.path().to_owned();
        fs::write(path.join("file"), "content").unwrap();
        drop(folder);
        assert!(!path.exists());
    }
}
