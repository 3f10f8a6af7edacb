using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Ethereum.Tape;

/// <summary>Reads a tape. Whatever is wrong with the file becomes one sentence that names it.</summary>
internal sealed class TapeReader
{
    // A file of 3 MB may unpack to some tens of MB; what unpacks to more is no tape of ours.
    private const long MaxUnpacked = 512L * 1024 * 1024;

    private readonly string name;
    private readonly List<TapeStep> steps = [];
    private readonly List<Call> calls = [];
    private readonly List<LogCover> covers = [];
    private readonly Dictionary<int, ReadOnlyMemory<byte>> lastAnswers = [];
    private readonly Dictionary<int, CallResult> lastResults = [];
    private readonly HashSet<int> answered = [];
    private readonly IncrementalHash sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private TapeHeader? header;
    private bool ended;
    private int line;

    private TapeReader(string name) => this.name = name;

    public static async Task<ChainTape> ReadAsync(Stream packed, string name, CancellationToken cancellationToken)
    {
        var reader = new TapeReader(name);
        try
        {
            await using var plain = new CappedStream(new BrotliStream(packed, CompressionMode.Decompress), MaxUnpacked);
            using var text = new StreamReader(plain);
            while (await text.ReadLineAsync(cancellationToken) is { } line)
            {
                reader.line++;
                reader.Line(line);
                reader.sum.AppendData(Encoding.UTF8.GetBytes(line + "\n"));
            }
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException or IOException)
        {
            throw reader.Wrong("it is damaged, or no tape at all", e);
        }
        catch (Exception e) when (e is JsonException or FormatException or OverflowException or KeyNotFoundException or ArgumentException)
        {
            throw reader.Wrong($"line {reader.line} is damaged", e);
        }

        return reader switch
        {
            { header: null } => throw reader.Wrong("it is empty"),
            { ended: false } => throw reader.Wrong($"it breaks off after {reader.steps.Count} steps; copy or record it again"),
            _ => new ChainTape(reader.header!, reader.steps, reader.calls),
        };
    }

    private void Line(string text)
    {
        using var document = JsonDocument.Parse(text);
        var json = document.RootElement;
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw Wrong($"line {line} is no object");
        }

        if (header is null)
        {
            ReadHeader(json);
            return;
        }

        if (ended)
        {
            throw Wrong($"line {line} comes after its end");
        }

        var first = json.EnumerateObject().FirstOrDefault().Name;
        switch (first)
        {
            case "block":
                ReadBlock(json);
                break;
            case "calls":
                foreach (var call in json.GetProperty("calls").EnumerateArray())
                {
                    calls.Add(new Call(Address.Parse(Text(call[0])), Hex.Parse(Text(call[1]))));
                }

                break;
            case "answers":
                ReadAnswers(json.GetProperty("answers"));
                break;
            case "cover":
                var cover = json.GetProperty("cover");
                covers.Add(new LogCover(Set(cover, "addresses", Address.Parse), Set(cover, "topics", Hash32.Parse)));
                break;
            case "head":
                steps.Add(new TapeHead(Hash32.Parse(Text(json.GetProperty("head")))));
                break;
            case "finalized":
                steps.Add(new TapeFinalized(json.GetProperty("finalized").GetUInt64()));
                break;
            case "down":
                steps.Add(new TapeDown());
                break;
            case "up":
                steps.Add(new TapeUp());
                break;
            case "end":
                End(json);
                break;
            default:
                throw Wrong($"line {line} is of the unknown kind '{Rpc.RpcText.Clean(first)}'");
        }
    }

    private void End(JsonElement json)
    {
        ended = true;
        var expected = json.GetProperty("end").GetInt32();
        if (expected != steps.Count)
        {
            throw Wrong($"it should have {expected} steps and has {steps.Count}");
        }

        if (Convert.ToHexStringLower(sum.GetCurrentHash()) != Text(json.GetProperty("sha256")))
        {
            throw Wrong("it is damaged: its contents do not match its checksum");
        }
    }

    private void ReadHeader(JsonElement json)
    {
        if (!json.TryGetProperty("format", out var format) || format.ValueKind != JsonValueKind.String || !format.ValueEquals("defimonitor-tape"))
        {
            throw Wrong("it is no tape: its first line does not say so");
        }

        var version = json.GetProperty("version").GetInt32();
        if (version != TapeHeader.CurrentVersion)
        {
            throw Wrong($"it has format version {version}, and this program reads version {TapeHeader.CurrentVersion}; record it again");
        }

        header = new TapeHeader
        {
            Version = version,
            Chain = ChainId.TryParse(Text(json.GetProperty("chain")), out var chain) ? chain : throw Wrong("its first line names no chain"),
            RecordedAt = Text(json.GetProperty("recordedAt")),
            Source = Text(json.GetProperty("source")),
            Note = Text(json.GetProperty("note")),
            Multicall = json.TryGetProperty("multicall", out var multicall) ? Address.Parse(Text(multicall)) : null,
            Adapters = json.GetProperty("adapters").EnumerateObject().ToDictionary(p => p.Name, p => Text(p.Value)),
            Configuration = json.GetProperty("configuration").EnumerateObject().ToDictionary(p => p.Name, p => Text(p.Value)),
        };
    }

    private void ReadBlock(JsonElement json)
    {
        var time = json.GetProperty("time").GetUInt64();
        steps.Add(new TapeBlock(new BlockHeader(
            json.GetProperty("block").GetUInt64(),
            Hash32.Parse(Text(json.GetProperty("hash"))),
            Hash32.Parse(Text(json.GetProperty("parent"))),
            time,
            json.TryGetProperty("l1", out var l1) ? l1.GetUInt64() : null))
        {
            Seen = !json.TryGetProperty("unseen", out _),
            Appears = json.TryGetProperty("appears", out var appears) ? appears.GetUInt64() : time,
            Covers = json.TryGetProperty("covers", out var list) ? [.. list.EnumerateArray().Select(c => covers[c.GetInt32()])] : [],
            Logs = json.TryGetProperty("logs", out var logs) ? [.. logs.EnumerateArray().Select(ReadLog)] : [],
        });
    }

    private static Log ReadLog(JsonElement log)
    {
        var topics = new Hash32[log.GetArrayLength() - 4];
        for (var i = 0; i < topics.Length; i++)
        {
            topics[i] = Hash32.Parse(Text(log[4 + i]));
        }

        return new Log(Address.Parse(Text(log[2])), topics, Hex.Parse(Text(log[3])), Hash32.Parse(Text(log[1])), log[0].GetUInt32());
    }

    private void ReadAnswers(JsonElement answers)
    {
        if (steps.Count == 0 || steps[^1] is not TapeBlock block)
        {
            throw Wrong($"line {line} has answers without a block before them");
        }

        foreach (var id in Ids(answers, "add"))
        {
            answered.Add(id);
        }

        foreach (var id in Ids(answers, "drop"))
        {
            answered.Remove(id);
        }

        foreach (var entry in answers.GetProperty("new").EnumerateObject())
        {
            var id = int.Parse(entry.Name, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture);
            var result = AnswerText.Read(Text(entry.Value), lastAnswers.GetValueOrDefault(id).Span);
            lastResults[id] = result;
            if (result.Success)
            {
                lastAnswers[id] = result.Data;
            }
        }

        var read = new Dictionary<int, CallResult>(answered.Count);
        foreach (var id in answered)
        {
            read[id] = id < calls.Count ? lastResults[id] : throw Wrong($"line {line} answers a call that is not on it");
        }

        steps[^1] = block with { Answers = read };
    }

    private static IEnumerable<int> Ids(JsonElement answers, string name) =>
        answers.TryGetProperty(name, out var ids) ? ids.EnumerateArray().Select(i => i.GetInt32()) : [];

    private static HashSet<T>? Set<T>(JsonElement json, string name, Func<string, T> parse) =>
        json.TryGetProperty(name, out var values) ? [.. values.EnumerateArray().Select(v => parse(Text(v)))] : null;

    private static string Text(JsonElement json) => json.GetString() ?? throw new FormatException("a text is missing");

    private TapeException Wrong(string what, Exception? inner = null) => new($"The tape {name} cannot be played: {what}.", inner);

    /// <summary>Stops unpacking at a limit, so that a small file cannot fill the memory.</summary>
    private sealed class CappedStream(Stream inner, long most) : Stream
    {
        private long read;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => read;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Count(inner.Read(buffer, offset, count));

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Count(await inner.ReadAsync(buffer, cancellationToken));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }

        private int Count(int bytes)
        {
            read += bytes;
            return read <= most ? bytes : throw new InvalidDataException("It unpacks to more than any tape holds.");
        }
    }
}
