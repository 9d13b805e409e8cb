"""The playground: the explorers as one page, for people who want neither notebook nor course.

`make play` (or `python -m helpers.playground`) serves playground.ipynb with Voilà, which runs it without showing its
code. The page around it (title, tabs, colours) is the template in jupyter/nbconvert/templates/playground. A text cell of
the notebook that begins with `## ` opens a tab; the code cell after it makes what stands in the tab. The notebook is made
from the explorers' records: see notebook.py.

Lesson: 01_mse, "One number for how wrong".
"""

import html

import ipywidgets as widgets


class Later(widgets.VBox):
    """A button that makes an explorer, which then takes the button's place.

    Making all takes seconds, and many visitors look at one or two. The page presses the button when its tab is
    first shown; where there is no such page, as in JupyterLab, people press it themselves.

    Args:
        make: a function without arguments that returns a widget, such as explore_mse.

    Lesson: 01_mse, "One number for how wrong".
    """

    def __init__(self, make):
        self.make = make
        self.button = widgets.Button(description="Show this explorer")
        self.button.add_class("nn-show")
        self.button.on_click(lambda _: self.show())
        super().__init__([self.button])

    def show(self):
        """Make the explorer now, or say in its place why it could not be made. Raises what `make` raises."""
        self.button.description, self.button.disabled = "One moment …", True
        try:
            self.children = [self.make()]
        except Exception as error:
            reason = html.escape(f"{type(error).__name__}: {error}")
            self.children = [
                widgets.HTML(
                    f'<p role="alert">This explorer could not be made ({reason}). Reload the page to try again.</p>'
                )
            ]
            raise
