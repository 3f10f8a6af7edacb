using System.Buffers;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Ethereum.Tape;

/// <summary>Writes a tape: JSON lines under Brotli. The same tape always gives the same bytes.</summary>
internal sealed class TapeWriter
{
    private const int BrotliQuality = 11;
    private const int BrotliWindow = 24;

    private readonly ArrayBufferWriter<byte> text = new(1024 * 1024);
    private readonly Dictionary<LogCover, int> covers = [];
    private readonly Dictionary<int, ReadOnlyMemory<byte>> lastAnswers = [];
    private readonly Dictionary<int, CallResult> lastResults = [];
    private SortedSet<int> answered = [];
    private int callsWritten;

    public static byte[] Write(ChainTape tape)
    {
        var writer = new TapeWriter();
        writer.Lines(tape);
        var plain = writer.text.WrittenSpan;
        var packed = new byte[BrotliEncoder.GetMaxCompressedLength(plain.Length)];
        return BrotliEncoder.TryCompress(plain, packed, out var written, BrotliQuality, BrotliWindow)
            ? packed[..written]
            : throw new TapeException("The tape could not be compressed.");
    }

    private void Lines(ChainTape tape)
    {
        var header = tape.Header;
        Line(json =>
        {
            json.WriteString("format", "defimonitor-tape");
            json.WriteNumber("version", header.Version);
            json.WriteString("chain", header.Chain.ToString());
            json.WriteString("recordedAt", header.RecordedAt);
            json.WriteString("source", header.Source);
            json.WriteString("note", header.Note);
            if (header.Multicall is { } multicall)
            {
                json.WriteString("multicall", multicall.ToHex());
            }

            json.WriteStartObject("adapters");
            foreach (var (family, version) in header.Adapters.OrderBy(a => a.Key, StringComparer.Ordinal))
            {
                json.WriteString(family, version);
            }

            json.WriteEndObject();
            json.WriteStartObject("configuration");
            foreach (var (file, text) in header.Configuration.OrderBy(c => c.Key, StringComparer.Ordinal))
            {
                json.WriteString(file, text);
            }

            json.WriteEndObject();
        });

        foreach (var step in tape.Steps)
        {
            switch (step)
            {
                case TapeBlock block:
                    WriteCovers(block);
                    WriteBlock(block);
                    WriteAnswers(tape, block);
                    break;
                case TapeHead back:
                    Line(json => json.WriteString("head", back.Hash.ToString()));
                    break;
                case TapeFinalized final:
                    Line(json => json.WriteNumber("finalized", final.Number));
                    break;
                case TapeDown:
                    Line(static json => json.WriteBoolean("down", true));
                    break;
                case TapeUp:
                    Line(static json => json.WriteBoolean("up", true));
                    break;
            }
        }

        var sum = SHA256.HashData(text.WrittenSpan);
        Line(json =>
        {
            json.WriteNumber("end", tape.Steps.Count);
            json.WriteString("sha256", Convert.ToHexStringLower(sum));
        });
    }

    private void WriteCovers(TapeBlock block)
    {
        foreach (var cover in block.Covers)
        {
            if (covers.TryAdd(cover, covers.Count))
            {
                Line(json =>
                {
                    json.WriteStartObject("cover");
                    Texts(json, "addresses", cover.Addresses?.Order().Select(a => a.ToHex()));
                    Texts(json, "topics", cover.Topics?.Order().Select(t => t.ToString()));
                    json.WriteEndObject();
                });
            }
        }
    }

    private void WriteBlock(TapeBlock block) => Line(json =>
    {
        var header = block.Header;
        json.WriteNumber("block", header.Number);
        json.WriteString("hash", header.Hash.ToString());
        json.WriteString("parent", header.ParentHash.ToString());
        json.WriteNumber("time", header.Timestamp);
        if (header.L1BlockNumber is { } l1)
        {
            json.WriteNumber("l1", l1);
        }

        if (!block.Seen)
        {
            json.WriteBoolean("unseen", true);
        }

        if (block.Appears != header.Timestamp)
        {
            json.WriteNumber("appears", block.Appears);
        }

        if (block.Covers.Count > 0)
        {
            json.WriteStartArray("covers");
            foreach (var cover in block.Covers)
            {
                json.WriteNumberValue(covers[cover]);
            }

            json.WriteEndArray();
        }

        if (block.Logs.Count > 0)
        {
            json.WriteStartArray("logs");
            foreach (var log in block.Logs)
            {
                json.WriteStartArray();
                json.WriteNumberValue(log.LogIndex);
                json.WriteStringValue(log.TransactionHash.ToString());
                json.WriteStringValue(log.Address.ToHex());
                json.WriteStringValue(Hex.ToString(log.Data.Span));
                foreach (var topic in log.Topics)
                {
                    json.WriteStringValue(topic.ToString());
                }

                json.WriteEndArray();
            }

            json.WriteEndArray();
        }
    });

    private void WriteAnswers(ChainTape tape, TapeBlock block)
    {
        if (block.Answers.Count == 0)
        {
            return;
        }

        var known = block.Answers.Keys.Max() + 1;
        if (known > callsWritten)
        {
            Line(json =>
            {
                json.WriteStartArray("calls");
                for (; callsWritten < known; callsWritten++)
                {
                    json.WriteStartArray();
                    json.WriteStringValue(tape.Calls[callsWritten].To.ToHex());
                    json.WriteStringValue(Hex.ToString(tape.Calls[callsWritten].Data.Span));
                    json.WriteEndArray();
                }

                json.WriteEndArray();
            });
        }

        var now = new SortedSet<int>(block.Answers.Keys);
        Line(json =>
        {
            json.WriteStartObject("answers");
            Numbers(json, "add", now.Except(answered));
            Numbers(json, "drop", answered.Except(now));
            json.WriteStartObject("new");
            foreach (var id in now)
            {
                var result = block.Answers[id];
                if (lastResults.TryGetValue(id, out var last) && last.Success == result.Success && last.Data.Span.SequenceEqual(result.Data.Span))
                {
                    continue;
                }

                json.WriteString(id.ToString(System.Globalization.CultureInfo.InvariantCulture), AnswerText.Write(result, lastAnswers.GetValueOrDefault(id).Span));
                lastResults[id] = result;
                if (result.Success)
                {
                    lastAnswers[id] = result.Data;
                }
            }

            json.WriteEndObject();
            json.WriteEndObject();
        });
        answered = now;
    }

    private void Line(Action<Utf8JsonWriter> write)
    {
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        text.Write("\n"u8);
    }

    private static void Texts(Utf8JsonWriter json, string name, IEnumerable<string>? values)
    {
        if (values is null)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    private static void Numbers(Utf8JsonWriter json, string name, IEnumerable<int> values)
    {
        var started = false;
        foreach (var value in values)
        {
            if (!started)
            {
                json.WriteStartArray(name);
                started = true;
            }

            json.WriteNumberValue(value);
        }

        if (started)
        {
            json.WriteEndArray();
        }
    }
}
