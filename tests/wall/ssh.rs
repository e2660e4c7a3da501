//! A push over ssh through a real sshd, on this machine's loopback interface. Without an sshd, or
//! where it does not start, the test says so and checks nothing.

use std::fs;
use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::harness::{Ended, World};
use crate::routes::{REFUSAL, walled};
use crate::scene::refusal;

/// A server of its own, which ends with the test.
struct Server {
    child: Child,
    port: u16,
    folder: PathBuf,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn key(world: &World, folder: &Path, name: &str) {
    let file = folder.join(name);
    let args = ["-q", "-t", "ed25519", "-N", "", "-f", file.to_str().expect("text")];
    world.run(folder, "ssh-keygen", args).ok();
}

impl Server {
    /// Starts one that lets in a key made for the purpose; why not, where it cannot be.
    fn start(world: &World) -> Result<Self, String> {
        let folder = world.root().join("sshd");
        world.write_in(&folder, ".keep", "");
        key(world, &folder, "host");
        key(world, &folder, "user");
        fs::copy(folder.join("user.pub"), folder.join("authorized")).expect("key");
        let listener = TcpListener::bind("127.0.0.1:0").expect("port");
        let port = listener.local_addr().expect("address").port();
        drop(listener);
        let shown = folder.display();
        let config = format!(
            "ListenAddress 127.0.0.1:{port}\nHostKey {shown}/host\nPidFile {shown}/pid\n\
             AuthorizedKeysFile {shown}/authorized\nStrictModes no\nPasswordAuthentication no\n\
             UsePAM no\nPermitRootLogin yes\n"
        );
        world.write_in(&folder, "config", &config);
        let program = ["/usr/sbin/sshd", "/usr/local/sbin/sshd"]
            .into_iter()
            .find(|file| Path::new(file).exists())
            .ok_or("there is no sshd")?;
        let child = world
            .command(&folder, program)
            .args(["-D", "-e", "-f"])
            .arg(folder.join("config"))
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|e| format!("sshd cannot be started: {e}"))?;
        let mut server = Self { child, port, folder };
        let begin = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = server.child.try_wait().expect("child").is_some();
            if ended || begin.elapsed() > Duration::from_secs(20) {
                let _ = server.child.kill();
                let mut said = String::new();
                if let Some(log) = &mut server.child.stderr {
                    let _ = log.read_to_string(&mut said);
                }
                return Err(format!("sshd does not start: {}", said.trim()));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    fn push(&self, world: &World, bare: &Path, refs: &str) -> Ended {
        let user = world.sh(&world.root(), "id -un").ok().line();
        let ssh = format!(
            "ssh -F none -i {}/user -o IdentitiesOnly=yes -o StrictHostKeyChecking=no \
             -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o BatchMode=yes",
            self.folder.display()
        );
        let address = format!("ssh://{user}@127.0.0.1:{}{}", self.port, bare.display());
        let output = world
            .command(&world.repo, "git")
            .env("GIT_SSH_COMMAND", ssh)
            .args(["-c", "core.hooksPath=/dev/null", "push", "-q", &address, refs])
            .output()
            .expect("git");
        Ended {
            code: output.status.code().unwrap_or(-1),
            stdout: String::new(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "what is not checked is to be seen")]
fn over_a_real_sshd() {
    let (world, bare) = walled();
    let server = match Server::start(&world) {
        Ok(server) => server,
        Err(why) => return eprintln!("skipped: {why}"),
    };
    let ended = server.push(&world, &bare, "issue/81:main").code(1);
    assert_eq!(refusal(&world, &ended), REFUSAL);
    server.push(&world, &bare, "issue/81:refs/heads/backup").ok();
}
