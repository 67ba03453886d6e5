//! The clients of the registries. Only they know the addresses of the registries.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use crate::{
    error::FetchError,
    package::{Package, Registry},
};

/// Parts of the messages of clients that cannot reach their registry.
const SIGNS_OF_NO_NETWORK: [&str; 14] = [
    "NewConnectionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "ProxyError",
    "NameResolutionError",
    "Temporary failure in name resolution",
    "Network is unreachable",
    "ENOTFOUND",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ECONNRESET",
    "ENETUNREACH",
    "ETIMEDOUT",
    "ERR_SOCKET_TIMEOUT",
];

/// Downloads the archive of a package into an empty directory and returns its path.
pub(crate) fn download(package: &Package, directory: &Path) -> Result<PathBuf, FetchError> {
    // In that directory, clients do not find the settings of a project.
    let client = |program: &str| {
        let mut command = Command::new(program);
        command.current_dir(directory);
        command
    };
    match package.registry {
        Registry::PyPi => {
            let arguments = ["download", "--no-deps", "--only-binary=:all:", "--retries", "1", "--dest", "."];
            let requirement = format!("{}=={}", package.name, package.version);
            let mut pip = client("pip");
            let mut python = client(if cfg!(windows) { "python" } else { "python3" });
            pip.args(arguments).arg(&requirement);
            python.args(["-m", "pip"]).args(arguments).arg(&requirement);
            execute(pip, Some(python))?;
        }
        Registry::Npm => {
            let mut npm = client(if cfg!(windows) { "npm.cmd" } else { "npm" });
            npm.args(["pack", "--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"])
                .arg(format!("{}@{}", package.name, package.version));
            execute(npm, None)?;
        }
    }
    let entries = fs::read_dir(directory).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    match entries.as_deref() {
        Ok([archive]) => Ok(archive.path()),
        _ => Err(FetchError::Archive {
            package: package.label(),
            message: "the client did not download exactly one file".into(),
        }),
    }
}

/// Runs a client. If it is not installed, runs `instead`.
fn execute(mut command: Command, instead: Option<Command>) -> Result<(), FetchError> {
    match (command.output(), instead) {
        (Ok(output), _) => judge(&command, &output),
        (Err(error), Some(instead)) if error.kind() == io::ErrorKind::NotFound => execute(instead, None),
        (Err(error), _) => Err(FetchError::Client { command: format!("{command:?}"), message: error.to_string() }),
    }
}

/// Converts the failure of a client to an error.
fn judge(command: &Command, output: &Output) -> Result<(), FetchError> {
    if output.status.success() {
        return Ok(());
    }
    let message = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes)).concat();
    let offline = message.lines().find(|line| SIGNS_OF_NO_NETWORK.iter().any(|sign| line.contains(sign)));
    if let Some(line) = offline {
        return Err(FetchError::Offline { message: line.into() });
    }
    Err(FetchError::Client { command: format!("{command:?}"), message })
}

#[cfg(test)]
mod tests {
    use super::{Command, FetchError, execute};

    #[cfg(unix)]
    fn printing(message: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("echo {message:?} >&2; exit 1")]);
        command
    }

    #[cfg(unix)]
    #[test]
    fn a_missing_network_is_told_from_other_failures() {
        let offline = execute(printing("npm error code EAI_AGAIN"), None);
        assert!(matches!(offline, Err(FetchError::Offline { .. })), "{offline:?}");
        let missing = execute(printing("No matching distribution found"), None);
        assert!(matches!(missing, Err(FetchError::Client { .. })), "{missing:?}");
    }

    #[test]
    fn a_client_that_is_not_installed_is_replaced_or_an_error() {
        let none = || Command::new("there-is-no-such-program");
        assert!(matches!(execute(none(), None), Err(FetchError::Client { .. })));
        let mut cargo = Command::new(env!("CARGO"));
        cargo.arg("--version");
        assert!(execute(none(), Some(cargo)).is_ok());
    }
}
