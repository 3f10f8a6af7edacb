namespace DefiMonitor.Ethereum.Tape;

/// <summary>Tapes on disk, and the one that ships inside the program.</summary>
public static class TapeFile
{
    /// <exception cref="TapeException">The file is missing, damaged, cut off or of another version.</exception>
    public static async Task<ChainTape> ReadAsync(string path, CancellationToken cancellationToken = default)
    {
        try
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 64 * 1024, useAsync: true);
            return await ReadAsync(file, Path.GetFileName(path), cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TapeException($"The tape {Path.GetFileName(path)} cannot be opened: {e.Message}", e);
        }
    }

    /// <param name="name">For sentences.</param>
    /// <inheritdoc cref="ReadAsync(string, CancellationToken)"/>
    public static Task<ChainTape> ReadAsync(Stream packed, string name, CancellationToken cancellationToken = default) => TapeReader.ReadAsync(packed, name, cancellationToken);

    /// <summary>Written beside and then moved into place, so that a tape is whole or not there.</summary>
    public static async Task WriteAsync(ChainTape tape, string path, CancellationToken cancellationToken = default)
    {
        var half = path + ".part";
        try
        {
            await File.WriteAllBytesAsync(half, TapeWriter.Write(tape), cancellationToken);
            File.Move(half, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TapeException($"The tape {Path.GetFileName(path)} cannot be written: {e.Message}", e);
        }
    }

    public static byte[] ToBytes(ChainTape tape) => TapeWriter.Write(tape);
}
