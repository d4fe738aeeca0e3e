use crate::string_enum::string_enum;

string_enum! {
    /// The service that holds the stored objects.
    ServiceName {
        /// Amazon S3, the only one so far.
        S3 = "S3",
    }
}
