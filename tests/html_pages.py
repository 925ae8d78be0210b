# ruff: noqa: E501 - pages are saved as they are
"""Pages as people save and export them, of a company that does not exist. All text is our own."""

from __future__ import annotations

WIKI_EXPORT = """<!DOCTYPE html>
<html>
  <head>
    <title>Pipelines : Nightly ledger load</title>
    <link rel="stylesheet" href="styles/site.css" type="text/css" />
    <meta http-equiv="Content-Type" content="text/html; charset=UTF-8">
  </head>
  <body class="theme-default aui-theme-default">
    <div id="page">
      <div id="main" class="aui-page-panel">
        <div id="main-header">
          <div id="breadcrumb-section">
            <ol id="breadcrumbs">
              <li class="first"><span><a href="index.html">Pipelines</a></span></li>
              <li><span><a href="Loads_17.html">Loads</a></span></li>
            </ol>
          </div>
          <h1 id="title-heading" class="pagetitle">
            <span id="title-text">
              Pipelines : Nightly ledger load
            </span>
          </h1>
        </div>
        <div id="content" class="view">
          <div class="page-metadata">
            Created by <span class='author'> Ilse Brandvik</span>, last modified on Mar 03, 2026
          </div>
          <div id="main-content" class="wiki-content group">
            <div class="toc-macro rbtoc"><ul class="toc-indentation"><li><a href="#a">Before you start</a></li></ul></div>
            <h1 id="Nightlyledgerload-Beforeyoustart">Before you start</h1>
            <p>The load runs in <strong>Cirrus</strong> at 02:30&nbsp;UTC. Its service account is <code>svc-ledger</code>
              &amp; its key is rotated every 90&nbsp;days.</p>
            <div class="confluence-information-macro confluence-information-macro-warning">
              <p class="title">Month end</p>
              <span class="aui-icon aui-icon-small confluence-information-macro-icon"></span>
              <div class="confluence-information-macro-body"><p>Never restart the load between 23:00 and 01:00.</p></div>
            </div>
            <h1 id="Nightlyledgerload-Steps">Steps</h1>
            <ol>
              <li>Open the run in Cirrus.
                <ul><li>Choose <em>Rerun from failed</em>.</li></ul>
              </li>
              <li><p>Wait for the <code>ledger_ready</code> event.</p><p>It takes 12 minutes.</p></li>
            </ol>
            <ul class="inline-task-list" data-inline-tasks-content-id="99">
              <li class="checked" data-inline-task-id="1">Tell the finance channel.</li>
              <li data-inline-task-id="2">Close the incident.</li>
            </ul>
            <div class="code panel pdl" style="border-width: 1px;">
              <div class="codeHeader panelHeader pdl" style="border-bottom-width: 1px;"><b>rerun.sh</b></div>
              <div class="codeContent panelContent pdl">
<script type="syntaxhighlighter" class="brush: bash; gutter: false; theme: Confluence"><![CDATA[cirrus login --role loader
cirrus rerun ledger --from failed && echo "done"]]></script>
              </div>
            </div>
            <div class="panel" style="border-width: 1px;"><div class="panelHeader"><b>Owner</b></div>
              <div class="panelContent"><p>Team Tallow owns this load.</p></div></div>
            <div id="expander-1" class="expand-container">
              <div id="expander-control-1" class="expand-control"><span class="expand-control-text">Click here to
                expand...</span></div>
              <div id="expander-content-1" class="expand-content" style="display: none;"><p>Old runs are kept 30 days.</p></div>
            </div>
            <div class="table-wrap"><table class="confluenceTable"><tbody>
              <tr><th class="confluenceTh">Stage</th><th class="confluenceTh">Trigger</th><th class="confluenceTh">Limit</th></tr>
              <tr><td rowspan="2" class="confluenceTd"><p>Extract</p></td><td class="confluenceTd">cron</td>
                <td class="confluenceTd">20 min</td></tr>
              <tr><td class="confluenceTd">webhook</td><td class="confluenceTd">5 min</td></tr>
              <tr><td class="confluenceTd">Publish</td><td colspan="2" class="confluenceTd"><ul><li>by hand</li>
                <li>after review</li></ul></td></tr>
            </tbody></table></div>
            <p><span class="status-macro aui-lozenge">LIVE</span> <span style="display:none">hidden words</span></p>
          </div>
          <div class="pageSection group"><div class="pageSectionHeader"><h2 id="attachments">Attachments:</h2></div></div>
          <div id="comments-section"><div class="comment"><div class="wiki-content">I think this is stale.</div></div></div>
          <div id="likes-and-labels-container"><span>3 people like this</span></div>
        </div>
      </div>
      <div id="footer" role="contentinfo"><p>Document generated on Apr 01, 2026</p></div>
    </div>
  </body>
</html>
"""

ENCYCLOPEDIA = """<!DOCTYPE html>
<html class="client-nojs" lang="en" dir="ltr"><head><title>Gantry (deploy tool) - Orrery Wiki</title></head>
<body class="mediawiki ltr"><div id="mw-page-base" class="noprint"></div>
<div id="content" class="mw-body" role="main">
<h1 id="firstHeading" class="firstHeading">Gantry (deploy tool)</h1>
<div id="bodyContent" class="vector-body">
<div id="siteSub" class="noprint">From Orrery Wiki</div>
<div id="jump-to-nav"></div><a class="mw-jump-link" href="#mw-head">Jump to navigation</a>
<div id="mw-content-text" class="mw-body-content"><div class="mw-parser-output">
<table class="box-Outdated plainlinks metadata ambox ambox-content" role="presentation"><tbody><tr>
<td class="mbox-image"><img alt="clock" src="c.png"></td>
<td class="mbox-text"><div class="mbox-text-span">This page is deprecated. Use <a href="/Derrick">Derrick</a> for new services.</div></td>
</tr></tbody></table>
<table class="infobox"><tbody>
<tr><th colspan="2" class="infobox-above">Gantry</th></tr>
<tr><th scope="row">Owner</th><td>Team Bollard</td></tr>
<tr><th scope="row">Credentials</th><td>Vault path <tt>kv/gantry</tt></td></tr></tbody></table>
<p><b>Gantry</b> deploys services from the <i>main</i> branch.<sup id="cite_ref-1" class="reference"><a href="#n1">[1]</a></sup>
It asks <a href="/Lantern">Lantern</a> for approval.</p>
<div id="toc" class="toc" role="navigation"><div class="toctitle"><h2>Contents</h2></div>
<ul><li><a href="#Use"><span class="tocnumber">1</span> Use</a></li></ul></div>
<h2><span class="mw-headline" id="Use">Use</span><span class="mw-editsection"><span class="mw-editsection-bracket">[</span><a
 href="/edit">edit</a><span class="mw-editsection-bracket">]</span></span></h2>
<pre>gantry plan --env staging
gantry apply
</pre>
<dl><dt>plan</dt><dd>Shows what would change. It needs no rights.</dd><dt>apply</dt><dd>Changes it.</dd></dl>
<h2><span class="mw-headline" id="References">References</span></h2>
<ol class="references"><li id="cite_note-1"><span class="mw-cite-backlink"><a href="#r1">\u2191</a></span>
<span class="reference-text">Deploy handbook, chapter 4.</span></li></ol>
</div><div class="printfooter">Retrieved from "https://wiki.orrery.example/Gantry"</div></div>
<div id="catlinks" class="catlinks"><a href="/c">Category</a>: Tools</div></div></div>
<div id="mw-navigation"><h2>Navigation menu</h2><div id="mw-panel"><div class="portal" role="navigation">
<h3>Tools</h3><ul><li><a href="/x">What links here</a></li></ul></div></div></div>
<div id="footer" role="contentinfo"><ul><li id="footer-info-lastmod">This page was last edited on 2 May 2026.</li></ul></div>
</body></html>
"""

INTRANET = """<HTML><HEAD><TITLE>Access requests | Pellworm intranet</TITLE></HEAD>
<BODY>
<HEADER><A HREF="/">Pellworm</A><FORM ROLE="search"><INPUT NAME=q VALUE="Search"><BUTTON>Go</BUTTON></FORM></HEADER>
<NAV><UL><LI><A HREF="/hr">People</A><LI><A HREF="/it">Systems</A></UL></NAV>
<ASIDE><H3>News</H3><P>The canteen closes early.</P></ASIDE>
<MAIN>
<ARTICLE>
<HEADER><H1>Access requests</H1></HEADER>
<P>Ask for access in <B>Turnstile</B>. A manager approves it
within 2 working days.
<P>Access ends after 180 days<BR>unless it is renewed.
<H2>Roles <A CLASS=headerlink HREF="#roles">\u00b6</A></H2>
<DL><DT>Reader<DD>Sees dashboards.<DT>Writer<DD>Changes pipelines.</DL>
<ASIDE CLASS="callout"><P>Contractors need a sponsor.</P></ASIDE>
<FIGURE><IMG SRC=a.png ALT="A picture of a gate"><FIGCAPTION>The approval path.</FIGCAPTION></FIGURE>
<DETAILS><SUMMARY>What if nobody approves?</SUMMARY><P>Write to the access desk.</P></DETAILS>
<P><DEL>Fax the form.</DEL> Use the web form.</P>
</ARTICLE>
</MAIN>
<DIV CLASS="cookie-banner"><P>We use cookies.</P><BUTTON>Accept</BUTTON></DIV>
<FOOTER><P>Questions? Call 4711.</P></FOOTER>
</BODY></HTML>
"""

DOCS_SITE = """<!doctype html><html lang="en" class="no-js"><head><meta charset="utf-8">
<title>Back up the registry - Skerry Docs</title><style>.md-nav{display:block}</style></head><body dir="ltr">
<header class="md-header"><nav class="md-header__inner"><span class="md-ellipsis">Skerry Docs</span></nav></header>
<div class="md-container"><main class="md-main"><div class="md-main__inner md-grid">
<div class="md-sidebar md-sidebar--primary"><nav class="md-nav"><ul><li><a href="..">Home</a></li></ul></nav></div>
<div class="md-content"><article class="md-content__inner md-typeset">
<a href="edit" title="Edit this page" class="md-content__button md-icon">Edit</a>
<h1 id="back-up-the-registry">Back up the registry<a class="headerlink" href="#back-up-the-registry">&para;</a></h1>
<p>The registry is backed up to <strong>Kelp</strong> each night.</p>
<div class="admonition warning"><p class="admonition-title">Warning</p><p>Stop the mirror first.</p></div>
<h2 id="feedback">Feedback<a class="headerlink" href="#feedback">&para;</a></h2>
<p>Send feedback to the platform team:</p>
<div class="highlight"><table class="highlighttable"><tr><td class="linenos"><div class="linenodiv"><pre><span></span>1
2</pre></div></td><td class="code"><div><pre><span></span><code><span class="nb">kelp</span> push --bucket <span class="s2">&quot;reg&quot;</span>
<span class="nb">kelp</span> verify
</code></pre></div></td></tr></table></div>
<table><thead><tr><th>Bucket</th><th style="text-align: right;">Days</th></tr></thead>
<tbody><tr><td><code>reg</code></td><td style="text-align: right;">35</td></tr></tbody></table>
<ul class="task-list"><li class="task-list-item"><label><input type="checkbox" disabled checked/></label> Check the size.</li></ul>
<div class="md-source-file"><small>Last update: 2 January 2026</small></div>
</article></div></div></main><footer class="md-footer"><p>Made by Skerry</p></footer></div>
<script>var x = "<p>not text</p>";</script></body></html>
"""

SAVED_COMPLETE = """<!DOCTYPE html>
<!-- saved from url=(0034)https://desk.fathom.example/rota -->
<html><head><meta http-equiv="Content-Type" content="text/html; charset=UTF-8"><title>On-call rota</title>
<script async="" src="./On-call rota_files/analytics.js.download"></script>
<style>body > p { color: red } /* </p> */</style>
<style data-href="x">.a:before{content:"<p>no</p>"}</style></head>
<body data-new-gr-c-s-check-loaded="14.9" style="margin: 0 > 1"><noscript>Please turn on scripts.</noscript>
<div class="app" data-state='{"html":"<b>no</b>"}'><div class="wrapper">
<template><p>A template.</p></template>
<div class="top"><a href="https://desk.fathom.example/">Desk</a> <a href="https://desk.fathom.example/me">Me</a></div>
<div class="article-body" title="a > b"><h1>On-call rota</h1>
<div>The rota changes on <b>Monday</b> at 09:00. Hand over in the <i>#harbour</i> channel.</div>
<div>Page the second line after 15 minutes.<br><br>Escalate to the duty manager after 45 minutes.</div>
<script>document.write("<h1>Nope</h1>")</script>
<svg><title>Icon</title><text>drawn</text></svg>
<div role="heading" aria-level="2">Holidays</div><p>Swap shifts two weeks ahead.</p></div>
</div></div><iframe src="./x.html">frame</iframe></body></html>
"""

NO_CONTAINER = """<html><head><title>Rotate the signing key</title></head><body bgcolor="#ffffff">
<table width="100%"><tr><td><a href="/a">Start</a> <a href="/b">Search</a></td></tr></table>
<h1>Rotate the signing key</h1>
<p>The key signs every release. Rotate it in March and in September.
<ol><li>Stop the <tt>signer</tt> job.<li>Run <kbd>sign-ctl rotate</kbd>.<li>Start the job.</ol>
</body></html>
"""

BROKEN = """<p>One &lt line<b> and <i>a half</b> word</i> &amp&copy; end.</div></p>
<table><td>cell<table><tr><th>A<th>B<tr><td>1<td>2</table>rest <ul><li>x</td></table>
After &#x2013; all & sundry <3 &bogus; <a href="x>y">link</a> <p/>tail <br/>of <!-- cut --!> the text. <![CDATA[raw & <b>]]>
"""

ALL = {
    "wiki-export": WIKI_EXPORT,
    "encyclopedia": ENCYCLOPEDIA,
    "intranet": INTRANET,
    "docs-site": DOCS_SITE,
    "saved-complete": SAVED_COMPLETE,
    "no-container": NO_CONTAINER,
    "broken": BROKEN,
}
