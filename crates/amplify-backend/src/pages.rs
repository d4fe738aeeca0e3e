//! Operations that answer in pages, page by page and item by item.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use models::{
    BackendJobRespObj, ListBackendJobsInput, ListBackendJobsOutput, ListS3BucketsInput,
    ListS3BucketsOutput, S3BucketInfo,
};
use operations::Operation;
use transport::Transport;

use crate::{Client, Error};

/// An operation that answers in pages.
pub trait Paginated: Operation {
    /// What a page is made of.
    type Item;

    /// Where the page to ask for starts.
    fn next_token(&mut self) -> &mut Option<String>;

    /// Where the page after `output` starts.
    fn token_of(output: &Self::Output) -> Option<&str>;

    /// The items of a page.
    fn items(output: Self::Output) -> Vec<Self::Item>;
}

impl Paginated for ListS3BucketsInput {
    type Item = S3BucketInfo;

    fn next_token(&mut self) -> &mut Option<String> {
        &mut self.next_token
    }

    fn token_of(output: &ListS3BucketsOutput) -> Option<&str> {
        output.next_token.as_deref()
    }

    fn items(output: ListS3BucketsOutput) -> Vec<S3BucketInfo> {
        output.buckets.unwrap_or_default()
    }
}

impl Paginated for ListBackendJobsInput {
    type Item = BackendJobRespObj;

    fn next_token(&mut self) -> &mut Option<String> {
        &mut self.next_token
    }

    fn token_of(output: &ListBackendJobsOutput) -> Option<&str> {
        output.next_token.as_deref()
    }

    fn items(output: ListBackendJobsOutput) -> Vec<BackendJobRespObj> {
        output.jobs.unwrap_or_default()
    }
}

impl<T: Transport> Client<T> {
    /// All pages from the one that `input` asks for.
    ///
    /// ```no_run
    /// # async fn run(client: amplify_backend::Client) -> Result<(), amplify_backend::Error> {
    /// use amplify_backend::models::ListS3BucketsInput;
    ///
    /// let mut pages = client.pages(ListS3BucketsInput::default());
    /// while let Some(page) = pages.next().await? {
    ///     println!("{:?}", page.buckets);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn pages<O: Paginated>(&self, input: O) -> Pages<O, T> {
        Pages {
            client: self.clone(),
            input: Some(input),
        }
    }
}

/// The pages of an operation, one call each.
///
/// They end with the first page whose token is absent or empty, or is the one it was asked with: a
/// service that goes round in circles does not keep its caller busy forever.
#[must_use = "nothing is asked for before `next`"]
pub struct Pages<O, T> {
    client: Client<T>,
    /// What to ask next; `None` after the last page.
    input: Option<O>,
}

impl<O: Paginated, T: Transport> Pages<O, T> {
    /// The next page. `None` after the last one.
    ///
    /// # Errors
    ///
    /// See [`Error`]. The page can be asked for again.
    pub async fn next(&mut self) -> Result<Option<O::Output>, Error> {
        let Some(input) = &mut self.input else {
            return Ok(None);
        };
        let output = self.client.send(input).await?;
        match O::token_of(&output).filter(|token| !token.is_empty()) {
            Some(token) if input.next_token().as_deref() != Some(token) => {
                *input.next_token() = Some(token.to_owned());
            }
            _ => self.input = None,
        }
        Ok(Some(output))
    }

    /// The items of all pages, as a [`Stream`]. It ends after an error.
    pub fn items(self) -> Items<O, T> {
        Items {
            ready: VecDeque::new(),
            state: State::Between(Some(self)),
        }
    }
}

impl<O: fmt::Debug, T> fmt::Debug for Pages<O, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("input", &self.input)
            .finish_non_exhaustive()
    }
}

/// The items of all pages. The next page is asked for when the items of the last are used up.
#[must_use = "a stream does nothing before it is polled"]
pub struct Items<O: Paginated, T> {
    ready: VecDeque<O::Item>,
    state: State<O, T>,
}

enum State<O: Paginated, T> {
    Asking(Asking<O, T>),
    Between(Option<Pages<O, T>>),
}

/// A page that is on its way, and what to go on with after it.
type Asking<O, T> = Pin<Box<dyn Future<Output = (PageResult<O>, Pages<O, T>)> + Send>>;

type PageResult<O> = Result<Option<<O as Operation>::Output>, Error>;

impl<O, T> Items<O, T>
where
    O: Paginated<Item: Unpin, Output: Send> + Send + Sync + Unpin + 'static,
    T: Transport + 'static,
{
    /// The next item, for loops without a stream library. `None` after the last one.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub async fn try_next(&mut self) -> Result<Option<O::Item>, Error> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx))
            .await
            .transpose()
    }
}

impl<O, T> Stream for Items<O, T>
where
    O: Paginated<Item: Unpin, Output: Send> + Send + Sync + Unpin + 'static,
    T: Transport + 'static,
{
    type Item = Result<O::Item, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(item) = this.ready.pop_front() {
                return Poll::Ready(Some(Ok(item)));
            }
            match &mut this.state {
                State::Between(pages) => {
                    let Some(mut pages) = pages.take() else {
                        return Poll::Ready(None);
                    };
                    this.state =
                        State::Asking(Box::pin(async move { (pages.next().await, pages) }));
                }
                State::Asking(asking) => {
                    let (page, pages) = ready!(asking.as_mut().poll(cx));
                    let (next, outcome) = match page {
                        Ok(Some(output)) => {
                            this.ready.extend(O::items(output));
                            (Some(pages), None)
                        }
                        Ok(None) => (None, None),
                        Err(error) => (None, Some(error)),
                    };
                    this.state = State::Between(next);
                    if let Some(error) = outcome {
                        return Poll::Ready(Some(Err(error)));
                    }
                }
            }
        }
    }
}

impl<O: Paginated, T> fmt::Debug for Items<O, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items")
            .field("ready", &self.ready.len())
            .finish_non_exhaustive()
    }
}
