//! All buckets, page by page and one by one.

#![expect(clippy::print_stdout, reason = "an example prints")]

use amplify_backend::Client;
use amplify_backend::models::ListS3BucketsInput;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::from_env()?;

    let mut pages = client.pages(ListS3BucketsInput::default());
    while let Some(page) = pages.next().await? {
        println!(
            "a page of {}",
            page.buckets.map_or(0, |buckets| buckets.len())
        );
    }

    // Also a `Stream`, for whoever has a stream library.
    let mut buckets = client.pages(ListS3BucketsInput::default()).items();
    while let Some(bucket) = buckets.try_next().await? {
        println!("{}", bucket.name.unwrap_or_default());
    }
    Ok(())
}
