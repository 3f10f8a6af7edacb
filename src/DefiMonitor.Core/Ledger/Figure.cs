namespace DefiMonitor.Core.Ledger;

public enum FigureState
{
    Known,

    /// <summary>Something that it depends on is unknown or stale.</summary>
    Unknown,

    /// <summary>Everything is known, and it has no meaning: leverage where nothing of one's own is left.</summary>
    Undefined,
}

/// <summary>One figure of the ledger: a number, or why there is none. Never a sum of what happens to be known.</summary>
/// <param name="Value">Null unless it is Known.</param>
/// <param name="Why">One sentence unless it is Known.</param>
public readonly record struct Figure(FigureState State, double? Value, string? Why)
{
    public static Figure Known(double value) => new(FigureState.Known, value, null);

    public static Figure Unknown(string why) => new(FigureState.Unknown, null, why);

    public static Figure Undefined(string why) => new(FigureState.Undefined, null, why);

    public static Figure operator +(Figure a, Figure b) => a.With(b, static (x, y) => x + y);

    public static Figure operator -(Figure a, Figure b) => a.With(b, static (x, y) => x - y);

    public Figure With(Figure other, Func<double, double, double> of) =>
        Value is { } x ? other.Value is { } y ? Known(of(x, y)) : other : this;
}
