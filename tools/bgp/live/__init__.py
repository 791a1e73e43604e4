"""BGP as it happens: RIS Live, watched for a while."""
