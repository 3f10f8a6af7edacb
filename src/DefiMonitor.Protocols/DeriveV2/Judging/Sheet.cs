using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.DeriveV2;

/// <summary>Answers of one block as figures; a missing one ends the reading with a sentence.</summary>
internal sealed class Sheet(Answers answers, BlockHeader block)
{
    /// <exception cref="MissingAnswerException">It was not read, reverted, or does not fit.</exception>
    public Int128 Figure(Call call, int word, string what) =>
        answers.Signed(call, block, word) ?? throw new MissingAnswerException(Sentence(call, what));

    /// <exception cref="MissingAnswerException">As <see cref="Figure"/>.</exception>
    public Address Contract(Call call, string what) => answers.Address(call) ?? throw new MissingAnswerException(Sentence(call, what));

    public Func<int, Int128> Row(Call call, string what) => word => Figure(call, word, what);

    private string Sentence(Call call, string what) => answers.IsRefused(call, block)
        ? $"{what} can't be read: {call.To} reverted, as a feed does that is older than its heartbeat or has nothing for that expiry."
        : $"{what} has not been read.";
}

internal sealed class MissingAnswerException(string message) : Exception(message);
