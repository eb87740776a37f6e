//! What ends a run from outside: Ctrl-C, and the signals by which a system ends programs.

/// Comes back when somebody wants an end: SIGINT, SIGTERM or, unless whoever began the program turned it off, SIGHUP.
pub async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::SignalKind;
        tokio::select! {
            () = keyboard() => {}
            () = signalled(SignalKind::terminate()) => {}
            () = signalled(SignalKind::hangup()), if !is_hangup_ignored() => {}
        }
    }
    #[cfg(not(unix))]
    keyboard().await;
}

/// It never comes where it cannot be heard.
async fn keyboard() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

#[cfg(unix)]
async fn signalled(kind: tokio::signal::unix::SignalKind) {
    match tokio::signal::unix::signal(kind) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}

/// Begun by `nohup`, a program stays when its terminal goes; to listen for the signal would undo that.
#[cfg(unix)]
fn is_hangup_ignored() -> bool {
    static IGNORED: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    // Asked once: as soon as it is listened for, it is ignored no longer.
    *IGNORED.get_or_init(|| {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mut lines = status.lines();
        let mask = lines.find_map(|line| line.strip_prefix("SigIgn:"));
        let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        // Signals count from 1, and SIGHUP is the first.
        mask.is_some_and(|mask| mask & 1 == 1)
    })
}
