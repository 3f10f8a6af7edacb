using System.Runtime.InteropServices;
using System.Text;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.State;

/// <summary>
/// A short text in a row: at most 32 bytes of printable ASCII. Whatever a contract calls itself is hostile, so everything else becomes '?'.
/// Square brackets and the like stay: each sink escapes for itself.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct Text32(Hash32 Bytes)
{
    public static Text32 From(string? text)
    {
        Span<byte> bytes = stackalloc byte[32];
        bytes.Clear();
        var n = 0;
        foreach (var c in text ?? "")
        {
            if (n == 32)
            {
                break;
            }

            bytes[n++] = c is >= ' ' and <= '~' ? (byte)c : (byte)'?';
        }

        return new Text32(Hash32.FromBytes(bytes));
    }

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[32];
        Bytes.CopyTo(bytes);
        var end = bytes.IndexOf((byte)0);
        return Encoding.ASCII.GetString(end < 0 ? bytes : bytes[..end]);
    }
}
