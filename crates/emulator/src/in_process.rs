//! The emulator as a transport: no socket, no port, the same answers.

use bytes::Bytes;
use http::{Request, Response};
use transport::{Transport, TransportError, TransportErrorKind};

use crate::answer::Breakage;
use crate::emulator::Emulator;
use crate::fault::Reset;

/// A [`Transport`] whose other end is an [`Emulator`] of this process. Clones share it.
///
/// A fault that breaks a connection off is an error of kind
/// [`Interrupted`](TransportErrorKind::Interrupted) here, as it is on a socket; one behind the
/// answer is not noticed, since there is no connection that could be used again.
#[derive(Clone, Debug)]
pub struct InProcess(pub(crate) Emulator);

impl Transport for InProcess {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let answer = self.0.answer(&request).await;
        match answer.breakage {
            None | Some(Breakage::Reset(Reset::After)) => Ok(answer.into_response()),
            Some(Breakage::Truncated | Breakage::Reset(Reset::Before | Reset::In)) => {
                let kind = TransportErrorKind::Interrupted { sent_whole: true };
                let message = "the emulator broke the connection off, as a fault rule says";
                Err(TransportError::new(kind, message))
            }
        }
    }
}
