//! Files of a story: asked for by the ACS, fetched or sent over HTTP, TFTP or FTP, and told of when all is done.

use std::net::SocketAddr;

use super::world::{World, at};
use crate::clean::arguments::{self, File, transfer_response};
use crate::clean::faults;
use crate::clean::moment::utc;
use crate::clean::plots_transfers::{carry, report};
use crate::clean::story::{By, Content};

/// A file with what is in it.
pub struct Document {
    pub file: File,
    pub content: String,
}

/// When a transfer began and ended.
pub type Times = (String, String);

impl World {
    /// A file of this type on the file server, asked for with a new CommandKey.
    pub fn document(&mut self, kind: &'static str, name: &str, content: String) -> Document {
        Document {
            file: File {
                key: self.key(),
                kind,
                url: format!("http://files.example.net/{name}"),
                account: (String::new(), String::new()),
                bytes: content.len(),
                delay_s: 0,
            },
            content,
        }
    }

    /// So many bytes that look like firmware.
    pub fn image(&mut self, version: &str, bytes: usize) -> String {
        let mut content = format!("{} {version}\n", self.vendor.name);
        while content.len() < bytes {
            content.push_str(&format!("{:016x}", self.random.next()));
        }
        content
    }

    /// The ACS asks for a download, which the device takes on.
    pub fn download(&mut self, document: &Document) {
        let response = transfer_response("DownloadResponse", None);
        self.ask(&arguments::download(&document.file), &response);
    }

    /// The ACS asks for an upload, which the device takes on.
    pub fn upload(&mut self, document: &Document) {
        let response = transfer_response("UploadResponse", None);
        self.ask(&arguments::upload(&document.file), &response);
    }

    /// The ACS asks for a download that the device does not want.
    pub fn download_refused(&mut self, document: &Document, code: u32, text: &str) {
        let refusal = faults::fault(code, text);
        self.ask(&arguments::download(&document.file), &refusal);
    }

    /// The ACS asks for an upload that the device does not want.
    pub fn upload_refused(&mut self, document: &Document, code: u32, text: &str) {
        let refusal = faults::fault(code, text);
        self.ask(&arguments::upload(&document.file), &refusal);
    }

    /// The device gets the file over HTTP.
    pub fn get(&mut self, document: &Document) -> Times {
        carry(
            self,
            &document.file,
            ["GET", "200 OK"],
            document.content.as_str(),
        )
    }

    /// The device gets its settings from its configuration server, of itself: no Download of the ACS asks for it.
    pub fn provisioned(&mut self, document: &Document) {
        let first = self.blocks.len();
        self.get(document);
        let own = self.blocks[first..].iter_mut();
        for block in own.filter(|block| block.what == "GET") {
            "provisioning".clone_into(&mut block.what);
        }
    }

    /// The file is not there.
    pub fn miss(&mut self, document: &Document) -> Times {
        carry(self, &document.file, ["GET", "404 Not Found"], "")
    }

    /// The device puts the file over HTTP.
    pub fn put_file(&mut self, document: &Document) -> Times {
        carry(
            self,
            &document.file,
            ["PUT", "201 Created"],
            document.content.as_str(),
        )
    }

    /// The file server does not take the file.
    pub fn put_in_vain(&mut self, document: &Document) -> Times {
        let content = document.content.as_str();
        carry(self, &document.file, ["PUT", "403 Forbidden"], content)
    }

    /// The session that tells that a transfer has ended well; events stand before its own.
    pub fn tells(&mut self, event: &str, document: &Document, times: Times, more: &[(&str, &str)]) {
        self.tells_of(event, document, (0, ""), times, more);
    }

    /// The same of one that ended with a fault.
    pub fn tells_of(
        &mut self,
        event: &str,
        document: &Document,
        (code, text): (u32, &str),
        times: Times,
        more: &[(&str, &str)],
    ) {
        let outcome = (code, text, times.0, times.1);
        report(self, event, &document.file.key, &outcome, more);
    }

    /// The device sends the file over TFTP (RFC 1350); the URL names the server.
    pub fn put_over_tftp(&mut self, document: &Document, name: &str) -> Times {
        let began = utc(self.now_us);
        let (own, server) = (self.next_end(), at(FILES, 69));
        let answering = at(FILES, 50_069);
        let request = [&[0, 2], name.as_bytes(), b"\0octet\0"].concat();
        self.datagram(
            By::Cpe,
            [own, server],
            &format!("file: TFTP write {name}"),
            request,
        );
        self.datagram(By::Acs, [answering, own], "tftp", vec![0, 4, 0, 0]);
        let content = document.content.as_bytes();
        let blocks = content.len() / TFTP_BLOCK_BYTES + 1;
        for block in 1..=blocks {
            let from = (block - 1) * TFTP_BLOCK_BYTES;
            let to = content.len().min(from + TFTP_BLOCK_BYTES);
            let number = (block as u16).to_be_bytes();
            let data = [&[0, 3], &number[..], &content[from..to]].concat();
            self.datagram(By::Cpe, [own, answering], "tftp", data);
            let acknowledged = [&[0, 4], &number[..]].concat();
            self.datagram(By::Acs, [answering, own], "tftp", acknowledged);
        }
        (began, utc(self.now_us))
    }

    /// The server does not let the device write (error 2 of RFC 1350).
    pub fn refused_over_tftp(&mut self, name: &str) -> Times {
        let began = utc(self.now_us);
        let (own, server) = (self.next_end(), at(FILES, 69));
        let request = [&[0, 2], name.as_bytes(), b"\0octet\0"].concat();
        let told = format!("file: TFTP write {name}");
        self.datagram(By::Cpe, [own, server], &told, request);
        let refusal = [&[0, 5, 0, 2], &b"Access violation\0"[..]].concat();
        self.datagram(By::Acs, [at(FILES, 50_069), own], "tftp", refusal);
        (began, utc(self.now_us))
    }

    /// The device sends the file over FTP (RFC 959), in passive mode.
    pub fn put_over_ftp(&mut self, document: &Document, name: &str) -> Times {
        let began = utc(self.now_us);
        let (own, server) = (self.next_end(), at(FILES, 21));
        let (mut user, password) = document.file.account.clone();
        if user.is_empty() {
            // RFC 1635.
            "anonymous".clone_into(&mut user);
        }
        let data = [self.next_end(), at(FILES, 50_021)];
        let [a, b, c, d] = FILES;
        let passive = format!(
            "227 Entering Passive Mode ({a},{b},{c},{d},{},{})",
            50_021 >> 8,
            50_021 & 255
        );
        self.line(By::Acs, [server, own], "220 files.example.net");
        let login = [
            (format!("USER {user}"), "331 Password required"),
            (format!("PASS {password}"), "230 Logged in"),
            ("TYPE I".to_owned(), "200 Type set"),
            ("PASV".to_owned(), &passive),
        ];
        for (command, reply) in login {
            self.line(By::Cpe, [own, server], &command);
            self.line(By::Acs, [server, own], reply);
        }
        self.line(By::Cpe, [own, server], &format!("STOR {name}"));
        let bytes = document.content.clone().into_bytes();
        self.wait_ms(20);
        let told = format!("file: FTP STOR {name}");
        self.put(By::Cpe, data, 0, &told, Content::Bytes(bytes));
        self.line(By::Acs, [server, own], "150 Opening data connection");
        self.put(By::Cpe, data, 0, "fin", Content::Fin);
        self.line(By::Acs, [server, own], "226 Transfer complete");
        self.line(By::Cpe, [own, server], "QUIT");
        self.line(By::Acs, [server, own], "221 Goodbye");
        self.put(By::Cpe, [own, server], 0, "fin", Content::Fin);
        self.wait_ms(200);
        (began, utc(self.now_us))
    }

    fn line(&mut self, by: By, ends: [SocketAddr; 2], text: &str) {
        self.wait_ms(20);
        let bytes = format!("{text}\r\n").into_bytes();
        self.put(by, ends, 0, "ftp", Content::Bytes(bytes));
    }

    fn datagram(&mut self, by: By, ends: [SocketAddr; 2], what: &str, bytes: Vec<u8>) {
        self.wait_ms(12);
        self.put(by, ends, 0, what, Content::Datagram(bytes));
    }

    /// A free port of the device.
    fn next_end(&mut self) -> SocketAddr {
        self.port += 7;
        SocketAddr::from((self.device.address, self.port))
    }
}

/// The file server.
const FILES: [u8; 4] = [198, 51, 100, 60];
const TFTP_BLOCK_BYTES: usize = 512;
