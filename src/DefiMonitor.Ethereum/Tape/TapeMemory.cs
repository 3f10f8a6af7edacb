using System.Globalization;
using System.Text.Json;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Ethereum.Tape;

/// <summary>What a recorder has seen, and the order in which heads were seen; made into steps at the end, because the parents of a head are often read after it.</summary>
internal sealed class TapeMemory
{
    private readonly Dictionary<Hash32, Entry> blocks = [];
    private readonly Dictionary<ulong, Hash32> byNumber = [];
    private readonly Dictionary<Call, CallResult> lastAnswers = [];
    private readonly List<TapeStep> events = [];
    private readonly List<BlockHeader> fresh = [];
    private Hash32 head;
    private ulong? finalized;

    /// <summary>True once a head was seen after the last <see cref="TapeDown"/>.</summary>
    public bool SawHeadSinceDown { get; private set; } = true;

    public void Saw(BlockHeader header)
    {
        if (!blocks.ContainsKey(header.Hash))
        {
            blocks[header.Hash] = new Entry(header);
            fresh.Add(header);
        }

        byNumber[header.Number] = header.Hash;
    }

    /// <summary>Blocks seen for the first time since this was last asked, by number.</summary>
    public List<BlockHeader> TakeFresh()
    {
        List<BlockHeader> taken = [.. fresh.OrderBy(static h => h.Number)];
        fresh.Clear();
        return taken;
    }

    public void SawHead(BlockHeader header)
    {
        SawHeadSinceDown = true;
        if (header.Hash != head)
        {
            head = header.Hash;
            events.Add(new TapeHead(header.Hash));
        }
    }

    public void SawFinalized(BlockHeader header)
    {
        if (finalized is not { } known || header.Number > known)
        {
            finalized = header.Number;
            events.Add(new TapeFinalized(header.Number));
        }
    }

    public void Went(TapeStep downOrUp)
    {
        SawHeadSinceDown = downOrUp is not TapeDown;
        events.Add(downOrUp);
    }

    public List<BlockHeader> WithoutLogs() => [.. blocks.Values.Where(b => b.Covers.Count == 0 && !b.LogsGivenUp).Select(b => b.Header)];

    public void KeepLogs(Hash32 block, LogCover cover, List<Log> logs)
    {
        if (!blocks.TryGetValue(block, out var entry))
        {
            return;
        }

        if (!entry.Covers.Exists(c => Same(c.Addresses, cover.Addresses) && Same(c.Topics, cover.Topics)))
        {
            entry.Covers.Add(cover);
        }

        foreach (var log in logs)
        {
            entry.Logs[log.LogIndex] = log;
        }

        static bool Same<T>(IReadOnlySet<T>? a, IReadOnlySet<T>? b) => a is null ? b is null : b is not null && a.SetEquals(b);
    }

    public void GiveUpLogs(Hash32 block) => blocks[block].LogsGivenUp = true;

    /// <summary>True for a call that last reverted without data when asked alone.</summary>
    public bool FailsEmpty(Call call) => lastAnswers.TryGetValue(call, out var last) && !last.Success && last.Data.IsEmpty;

    public void KeepAnswer(Hash32 block, Call call, CallResult result)
    {
        if (!blocks.TryGetValue(block, out var entry))
        {
            return;
        }

        // Answers that do not change share one piece of memory.
        if (lastAnswers.TryGetValue(call, out var last) && last.Success == result.Success && last.Data.Span.SequenceEqual(result.Data.Span))
        {
            result = last;
        }
        else
        {
            result = result with { Data = result.Data.ToArray() };
            lastAnswers[call] = result;
        }

        entry.Answers[call] = result;
    }

    /// <summary>The block that a call was made at; null where that is not known by hash.</summary>
    public Hash32? BlockOf(JsonElement tag)
    {
        var text = tag.ValueKind == JsonValueKind.Object ? tag.GetProperty("blockHash").GetString() : tag.GetString();
        if (Hash32.TryParse(text, out var hash))
        {
            return hash;
        }

        return text is not null && text.StartsWith("0x", StringComparison.Ordinal)
            && ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) && byNumber.TryGetValue(number, out var known)
                ? known
                : null;
    }

    public ChainTape ToTape(TapeHeader header)
    {
        var steps = new List<TapeStep>();
        var calls = new List<Call>();
        var ids = new Dictionary<Call, int>();
        var covers = new List<LogCover>();
        var told = new HashSet<Hash32>();
        Hash32? current = null;
        var now = 0UL;
        foreach (var happened in FinalityFirst())
        {
            if (happened is not TapeHead seen)
            {
                steps.Add(happened);
                continue;
            }

            if (told.Contains(seen.Hash))
            {
                if (current is { } from && from != seen.Hash && !IsAncestor(seen.Hash, from))
                {
                    steps.Add(seen);
                    current = seen.Hash;
                }

                continue;
            }

            if (PathTo(seen.Hash, told) is not { } path)
            {
                // A head whose parents were never read (the recording ended there, or it was orphaned at once) cannot be played.
                continue;
            }

            foreach (var hash in path)
            {
                var block = Block(blocks[hash], hash == seen.Hash, ref now);
                steps.Add(block);
                told.Add(hash);
            }

            current = seen.Hash;
        }

        return new ChainTape(header, steps, calls);

        TapeBlock Block(Entry entry, bool isSeen, ref ulong time)
        {
            time = Math.Max(time, entry.Header.Timestamp);
            var answers = new Dictionary<int, CallResult>();
            foreach (var (call, result) in entry.Answers.OrderBy(a => a.Key.To).ThenBy(a => Hex.ToString(a.Key.Data.Span), StringComparer.Ordinal))
            {
                if (!ids.TryGetValue(call, out var id))
                {
                    id = ids[call] = calls.Count;
                    calls.Add(call);
                }

                answers[id] = result;
            }

            return new TapeBlock(entry.Header)
            {
                Seen = isSeen,
                Appears = time,
                Logs = [.. entry.Logs.Values],
                Covers = entry.Covers.ConvertAll(Interned),
                Answers = answers,
            };
        }

        // Sets compare by reference, and the writer writes each cover once.
        LogCover Interned(LogCover cover)
        {
            foreach (var known in covers)
            {
                if ((known.Addresses is null ? cover.Addresses is null : cover.Addresses is not null && known.Addresses.SetEquals(cover.Addresses))
                    && (known.Topics is null ? cover.Topics is null : cover.Topics is not null && known.Topics.SetEquals(cover.Topics)))
                {
                    return known;
                }
            }

            covers.Add(cover);
            return cover;
        }
    }

    /// <summary>One look at the chain asks for the head and then for finality; on the tape both are there when the head appears.</summary>
    private List<TapeStep> FinalityFirst()
    {
        var ordered = new List<TapeStep>(events);
        for (var i = 1; i < ordered.Count; i++)
        {
            if (ordered[i] is TapeFinalized && ordered[i - 1] is TapeHead)
            {
                (ordered[i - 1], ordered[i]) = (ordered[i], ordered[i - 1]);
            }
        }

        return ordered;
    }

    /// <summary>From the first block that is not told yet to this one; null when a parent between is missing.</summary>
    private List<Hash32>? PathTo(Hash32 hash, HashSet<Hash32> told)
    {
        var path = new List<Hash32>();
        for (var at = hash; !told.Contains(at); at = blocks[at].Header.ParentHash)
        {
            if (!blocks.ContainsKey(at))
            {
                // At the start of the tape there is nothing to hang on to.
                if (told.Count > 0)
                {
                    return null;
                }

                break;
            }

            path.Add(at);
        }

        path.Reverse();
        return path;
    }

    private bool IsAncestor(Hash32 candidate, Hash32 of)
    {
        for (var at = of; blocks.TryGetValue(at, out var entry); at = entry.Header.ParentHash)
        {
            if (at == candidate)
            {
                return true;
            }
        }

        return false;
    }

    private sealed class Entry(BlockHeader header)
    {
        public BlockHeader Header => header;

        public bool LogsGivenUp { get; set; }

        public SortedDictionary<uint, Log> Logs { get; } = [];

        public List<LogCover> Covers { get; } = [];

        public Dictionary<Call, CallResult> Answers { get; } = [];
    }
}
