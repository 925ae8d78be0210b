"""What a chat model writes: passages to claims whose quotes are located; claims merged, condensed and chosen."""
