using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Ethereum.Tape;

/// <summary>What a node answered while a chain went on, in the order in which things happened. The format stands in README.md beside this file.</summary>
public sealed class ChainTape
{
    private readonly Dictionary<Call, int> ids = [];
    private readonly Dictionary<Hash32, TapeBlock> blocks = [];

    public ChainTape(TapeHeader header, IReadOnlyList<TapeStep> steps, IReadOnlyList<Call> calls)
    {
        Header = header;
        Steps = steps;
        Calls = calls;
        for (var i = 0; i < calls.Count; i++)
        {
            ids[calls[i]] = i;
        }

        foreach (var step in steps)
        {
            if (step is TapeBlock block)
            {
                blocks[block.Header.Hash] = block;
            }
        }
    }

    public TapeHeader Header { get; }

    public IReadOnlyList<TapeStep> Steps { get; }

    /// <summary>Every call that has an answer somewhere; answers name it by its place here.</summary>
    public IReadOnlyList<Call> Calls { get; }

    public TapeBlock? Block(Hash32 hash) => blocks.GetValueOrDefault(hash);

    /// <summary>The chain's own answer at a block, also where the node was down for the monitor: for scoring.</summary>
    public bool TryAnswer(Hash32 block, Call call, out CallResult result)
    {
        result = default;
        return ids.TryGetValue(call, out var id) && blocks.TryGetValue(block, out var at) && at.Answers.TryGetValue(id, out result);
    }

    /// <summary>The chain as it stands when the tape ends, oldest first.</summary>
    public IReadOnlyList<TapeBlock> CanonicalBlocks()
    {
        TapeBlock? head = null;
        foreach (var step in Steps)
        {
            head = step switch
            {
                TapeBlock block => block,
                TapeHead back => Block(back.Hash) ?? head,
                _ => head,
            };
        }

        var chain = new List<TapeBlock>();
        for (var block = head; block is not null; block = Block(block.Header.ParentHash))
        {
            chain.Add(block);
        }

        chain.Reverse();
        return chain;
    }
}

/// <summary>The first line of a tape.</summary>
public sealed record TapeHeader
{
    /// <summary>The format this code writes and reads.</summary>
    public const int CurrentVersion = 1;

    public int Version { get; init; } = CurrentVersion;

    public required ChainId Chain { get; init; }

    /// <summary>Given, not taken from a clock: recording again must give the same bytes.</summary>
    public string RecordedAt { get; init; } = "";

    public string Note { get; init; } = "";

    /// <summary>What was recorded: node and contracts with their versions.</summary>
    public string Source { get; init; } = "";

    /// <summary>Null where the chain has no Multicall3.</summary>
    public Address? Multicall { get; init; } = EvmClientOptions.UsualMulticall;

    /// <summary>Protocol family to the version of the adapter that asked for what is on the tape.</summary>
    public IReadOnlyDictionary<string, string> Adapters { get; init; } = new Dictionary<string, string>();

    /// <summary>The configuration that it was recorded with, endpoints left out: file name in a configuration folder to its JSON text.</summary>
    public IReadOnlyDictionary<string, string> Configuration { get; init; } = new Dictionary<string, string>();
}

/// <summary>Something that happened.</summary>
public abstract record TapeStep;

/// <summary>A block appeared. Where it is no child of the head before it, the chain forked.</summary>
public sealed record TapeBlock(BlockHeader Header) : TapeStep
{
    /// <summary>False: it never was the newest block anyone saw; it appears together with the next.</summary>
    public bool Seen { get; init; } = true;

    /// <summary>Seconds since 1970 at which it appears; a fork's blocks appear after their own time.</summary>
    public ulong Appears { get; init; } = Header.Timestamp;

    /// <summary>In log index order.</summary>
    public IReadOnlyList<Log> Logs { get; init; } = [];

    /// <summary>Which logs the block's are: a query outside of all of them has no answer on the tape.</summary>
    public IReadOnlyList<LogCover> Covers { get; init; } = [];

    /// <summary>By the place of the call in <see cref="ChainTape.Calls"/>.</summary>
    public IReadOnlyDictionary<int, CallResult> Answers { get; init; } = new Dictionary<int, CallResult>();
}

/// <summary>The chain went back to a block that had appeared before.</summary>
public sealed record TapeHead(Hash32 Hash) : TapeStep;

/// <summary>The node called this block, and all before it, final.</summary>
public sealed record TapeFinalized(ulong Number) : TapeStep;

/// <summary>The node could not be reached from here on.</summary>
public sealed record TapeDown : TapeStep;

/// <summary>The node could be reached again.</summary>
public sealed record TapeUp : TapeStep;

/// <summary>The logs of these addresses with these first topics; null = any.</summary>
public sealed record LogCover(IReadOnlySet<Address>? Addresses, IReadOnlySet<Hash32>? Topics)
{
    public static LogCover All { get; } = new(null, null);

    public bool Covers(Address address, Hash32 topic) => (Addresses?.Contains(address) ?? true) && (Topics?.Contains(topic) ?? true);
}

/// <summary>A tape that cannot be read or written. The message is one sentence that names the file.</summary>
public sealed class TapeException(string message, Exception? inner = null) : Exception(message, inner);
