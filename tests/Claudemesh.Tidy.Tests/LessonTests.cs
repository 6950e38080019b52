using System.Text.RegularExpressions;

namespace Claudemesh.Tidy.Tests;

/// <summary>Every lesson of 1.x is held by a test, and every test that says which lesson it holds names one that exists.</summary>
public sealed partial class LessonTests
{
    private static readonly HashSet<(string Trait, string Item)> Borne =
    [
        .. from file in Repository.Sources
           where file.StartsWith("tests/", StringComparison.Ordinal)
           from Match trait in Mark().Matches(Repository.Read(file))
           select (trait.Groups["trait"].Value, trait.Groups["item"].Value),
    ];

    [Fact]
    public void Each_lesson_has_a_test_or_says_why_it_has_none_yet() => Repository.AssertNone(
        from lesson in Lessons.All
        where lesson.NotYet is null && !Borne.Contains((lesson.Trait, lesson.Item))
        select $"""[Trait("{lesson.Trait}", "{lesson.Item}")]""",
        "A test that would fail on the old behaviour has this mark:");

    [Fact]
    public void What_has_a_test_is_not_said_to_have_none() => Repository.AssertNone(
        from lesson in Lessons.All
        where lesson.NotYet is not null && Borne.Contains((lesson.Trait, lesson.Item))
        select $"{lesson.Trait} {lesson.Item}: {lesson.NotYet}",
        "These have their test by now:");

    [Fact]
    public void A_mark_names_a_lesson() => Repository.AssertNone(
        from mark in Borne
        where !Lessons.All.Any(lesson => (lesson.Trait, lesson.Item) == mark)
        select $"{mark.Trait} {mark.Item}",
        "These are in no list of what was learned:");

    [GeneratedRegex("""\[Trait\("(?<trait>wire|delivery|cli|rest)", "(?<item>[^"]+)"\)\]""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Mark();
}
